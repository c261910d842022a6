using System.Net;
using System.Net.Sockets;
using Comms.Signaling.Store;
using Xunit;

namespace Comms.Signaling.Tests.Store;

public sealed class ReservedPortTests
{
    [Fact]
    public void A_reserved_port_can_be_listened_on_and_is_given_to_nobody_else()
    {
        using var reserved = new ReservedPort();

        var others = new List<Socket>();
        for (int i = 0; i < 2000; i++)
        {
            var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            others.Add(other);
        }

        using var silo = new TcpListener(IPAddress.Loopback, reserved.Port);
        silo.Start();

        Assert.DoesNotContain(others, other => ((IPEndPoint)other.LocalEndPoint!).Port == reserved.Port);
        foreach (var other in others) other.Dispose();
    }
}
