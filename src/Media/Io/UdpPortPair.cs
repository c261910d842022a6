using System.Net;
using System.Net.Sockets;
using Comms.Media.Numbers;

namespace Comms.Media.Io;

/// <summary>Two UDP sockets of one loop on free ports of the machine: an even one for RTP and the next for RTCP. RFC 3550 §11.</summary>
internal sealed class UdpPortPair : IDisposable
{
    private const int MaxTries = 64;

    private UdpPortPair(UdpSocket rtp, UdpSocket rtcp) => (Rtp, Rtcp) = (rtp, rtcp);

    public UdpSocket Rtp { get; }

    public UdpSocket Rtcp { get; }

    /// <summary>On the loop. Null: no pair is to be had.</summary>
    public static UdpPortPair? TryOpen(EventLoop loop, UdpReceiveBatch receive, IDatagramReceiver receiver, DropCounters drops, IPAddress local)
    {
        var options = new UdpSocketOptions { ReceiveBufferBytes = 1 << 20 };
        for (int i = 0; i < MaxTries; i++)
        {
            UdpSocket? rtp = null;
            try
            {
                rtp = new UdpSocket(loop, receive, receiver, drops, new IPEndPoint(local, 0), options);
                if (rtp.LocalEndPoint.Port % 2 == 0)
                {
                    var rtcp = new UdpSocket(loop, receive, receiver, drops, new IPEndPoint(local, rtp.LocalEndPoint.Port + 1), options);
                    rtp.Attach();
                    rtcp.Attach();
                    return new UdpPortPair(rtp, rtcp);
                }
            }
            catch (SocketException)
            {
                // Taken, or no descriptor is left: another try.
            }

            rtp?.Dispose();
        }

        return null;
    }

    public void Dispose()
    {
        Rtp.Dispose();
        Rtcp.Dispose();
    }
}
