using System.Net;
using System.Net.Sockets;

namespace Comms.Media.Io;

/// <summary>Tries whether a UDP port is free.</summary>
public static class UdpPortProbe
{
    /// <summary>The end point, with a free port in place of 0. Throws <see cref="SocketException"/> when it cannot be bound alone.</summary>
    public static IPEndPoint Bind(IPEndPoint wanted)
    {
        using var socket = new Socket(wanted.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        if (wanted.AddressFamily == AddressFamily.InterNetworkV6) socket.DualMode = false;
        socket.Bind(wanted);
        return (IPEndPoint)socket.LocalEndPoint!;
    }
}
