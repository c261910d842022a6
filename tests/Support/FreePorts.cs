using System.Net;
using System.Net.Sockets;

namespace Comms.Support;

/// <summary>
/// Loopback ports for programs that must be told one: free for UDP and TCP a moment ago, outside the range from which kernels
/// serve clients, and never given out twice by this process, so that neither another test's socket nor the remains of an
/// earlier one stand in the way.
/// </summary>
public static class FreePorts
{
    // Below the ports that kernels give to clients (32,768 on Linux): no other test's socket lands here by itself.
    private const int First = 12_000;
    private const int Count = 20_000;

    // Runs beside each other begin at different places.
    private static int _given = Random.Shared.Next(Count);

    public static int Udp() => Range(1);

    public static int Tcp() => Range(1);

    /// <summary>An even UDP port, as RTP wants it (RFC 3550 §11), with its odd neighbour.</summary>
    public static int EvenUdp() => UdpRange(2);

    /// <summary>The first of <paramref name="count"/> UDP ports in a row, an even one; all were free at once a moment ago.</summary>
    public static int UdpRange(int count) => Range(count + (count % 2));

    private static int Range(int count)
    {
        for (int attempt = 0; attempt < 1_000; attempt++)
        {
            int first = Next(count);
            if (AreFree(first, count)) return first;
        }

        throw new InvalidOperationException($"No {count} ports in a row are free.");
    }

    /// <summary>The next <paramref name="count"/> ports in the circle; an even beginning when more than one is asked for.</summary>
    private static int Next(int count)
    {
        while (true)
        {
            int end = Interlocked.Add(ref _given, count + 1);
            int offset = (int)((uint)(end - count - 1) % Count);
            if (offset + count + 1 <= Count) return First + offset + (count > 1 ? offset % 2 : 0);
        }
    }

    private static bool AreFree(int first, int count)
    {
        for (int port = first; port < first + count; port++)
        {
            if (!IsFree(SocketType.Dgram, ProtocolType.Udp, port) || !IsFree(SocketType.Stream, ProtocolType.Tcp, port)) return false;
        }

        return true;
    }

    private static bool IsFree(SocketType type, ProtocolType protocol, int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, type, protocol);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Any, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
