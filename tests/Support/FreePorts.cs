using System.Net;
using System.Net.Sockets;

namespace Comms.Support;

/// <summary>
/// Loopback ports that are free now, for programs that must be told one. The kernel gives them out in turn, so another
/// program hardly gets the same one before it is bound.
/// </summary>
public static class FreePorts
{
    // Below the ports that kernels give to clients (32,768 on Linux): no other test's socket lands here by itself.
    private const int FirstQuiet = 12_000;
    private const int LastQuiet = 32_000;

    public static int Udp() => Take(SocketType.Dgram, ProtocolType.Udp);

    public static int Tcp() => Take(SocketType.Stream, ProtocolType.Tcp);

    /// <summary>An even UDP port, as RTP wants it (RFC 3550 §11).</summary>
    public static int EvenUdp()
    {
        int port = Udp();
        while (port % 2 != 0) port = Udp();
        return port;
    }

    /// <summary>The first of <paramref name="count"/> UDP ports in a row, an even one; all were free at once a moment ago.</summary>
    public static int UdpRange(int count)
    {
        for (int attempt = 0; attempt < 100; attempt++)
        {
            int first = Random.Shared.Next(FirstQuiet / 2, (LastQuiet - count) / 2) * 2;
            if (AreFree(first, count)) return first;
        }

        throw new InvalidOperationException($"No {count} UDP ports in a row are free.");
    }

    private static bool AreFree(int first, int count)
    {
        var held = new List<Socket>();
        try
        {
            for (int port = first; port < first + count; port++)
            {
                held.Add(new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
                held[^1].Bind(new IPEndPoint(IPAddress.Loopback, port));
            }

            return true;
        }
        catch (SocketException)
        {
            return false;
        }
        finally
        {
            held.ForEach(socket => socket.Dispose());
        }
    }

    private static int Take(SocketType type, ProtocolType protocol)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, type, protocol);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
