using System.Net;
using System.Net.Sockets;
using Comms.Signaling.Sip.Message;
using Comms.Signaling.Sip.Transaction;

namespace Comms.Signaling.Sip.Transport;

/// <summary>
/// One UDP socket: takes packets in, drops what exceeds a source's share, and sends. Answers go to the packet's source,
/// whatever its Via says: a phone behind NAT, or one that leaves rport out, is reached nowhere else.
/// </summary>
internal sealed class SipUdpSocket : IDisposable
{
    // Some 2,000 REGISTERs wait in it while the core is busy.
    private const int ReceiveBufferBytes = 4 << 20;

    private readonly Socket _socket;
    private readonly SipClock _clock;
    private readonly SipCounters _counters;
    private readonly TokenBuckets _shares;
    private readonly IPEndPoint _any;

    public SipUdpSocket(IPEndPoint listen, SipOptions options, SipClock clock, SipCounters counters)
    {
        _socket = new Socket(listen.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = ReceiveBufferBytes };
        _clock = clock;
        _counters = counters;
        _shares = new TokenBuckets(options.PacketsPerSecondPerSource, options.PacketBurstPerSource);
        _any = new IPEndPoint(listen.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
        try
        {
            _socket.Bind(listen);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }

        Local = (IPEndPoint)_socket.LocalEndPoint!;
    }

    /// <summary>The bound address; the port is real even when 0 was asked for.</summary>
    public IPEndPoint Local { get; }

    /// <summary>It answers from whatever address the route back prefers.</summary>
    public bool IsWildcard => Local.Address.Equals(IPAddress.Any) || Local.Address.Equals(IPAddress.IPv6Any);

    /// <summary>Hands every packet to <paramref name="deliver"/> until the socket is closed.</summary>
    public async Task ReceiveAsync(Func<SipPacket, bool> deliver, CancellationToken stopping)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(SipLimits.MessageBytes + 1, pinned: true);
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var result = await _socket.ReceiveMessageFromAsync(buffer, SocketFlags.None, _any, stopping).ConfigureAwait(false);
                Take(buffer.AsSpan(0, result.ReceivedBytes), (IPEndPoint)result.RemoteEndPoint, result.PacketInformation.Address, deliver);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // A datagram that could not be read (an ICMP error of an earlier send) says nothing about the next one.
                _counters.Drop(SipDropReason.Malformed);
            }
        }
    }

    public void Send(in SipTransmit transmit)
    {
        try
        {
            _socket.SendTo(transmit.Octets.Span, SocketFlags.None, transmit.Flow.Remote);
            _counters.CountSent();
        }
        catch (SocketException)
        {
            _counters.Drop(SipDropReason.SendFailed);
        }
    }

    public void Dispose() => _socket.Dispose();

    private void Take(ReadOnlySpan<byte> octets, IPEndPoint source, IPAddress? destination, Func<SipPacket, bool> deliver)
    {
        _counters.CountReceived();
        if (!_shares.TryTake(source.Address, _clock.Now))
        {
            _counters.Drop(SipDropReason.RateLimited);
            return;
        }

        var local = destination is null ? Local : new IPEndPoint(destination, Local.Port);
        if (!deliver(new SipPacket(octets.ToArray(), new SipFlow(SipTransportKind.Udp, local, source))))
        {
            _counters.Drop(SipDropReason.MailboxFull);
        }
    }
}

/// <summary>One received packet; the default value only wakes the core.</summary>
internal readonly record struct SipPacket(byte[] Octets, SipFlow Flow);
