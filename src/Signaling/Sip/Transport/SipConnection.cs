using System.Net.Security;
using System.Net.Sockets;
using System.Threading.Channels;
using Comms.Signaling.Sip.Message;
using Comms.Signaling.Sip.Transaction;

namespace Comms.Signaling.Sip.Transport;

/// <summary>
/// One TCP or TLS connection of a peer: reads messages, answers keep-alives, and sends from a bounded queue of its own, so
/// that a peer that does not read holds up nobody else and loses its connection.
/// </summary>
internal sealed class SipConnection(Socket socket, SipFlow flow, SipOptions options, SipClock clock, TimeProvider time, SipCounters counters)
{
    /// <summary>Messages that wait for a slow peer; some 100 kB.</summary>
    private const int MaxQueued = 128;

    /// <summary>A peer must say who it is (TLS), begin to talk, and finish a message it has begun within this time. Timer B's length.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(32);

    /// <summary>How often we show on a connection that we opened that we are there. RFC 5626 §4.4.1 asks for 95 to 120 s.</summary>
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(100);

    private static readonly ReadOnlyMemory<byte> Ping = "\r\n\r\n"u8.ToArray();
    private static readonly ReadOnlyMemory<byte> Pong = "\r\n"u8.ToArray();

    private readonly TaskCompletionSource<bool> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly Channel<ReadOnlyMemory<byte>> _queue = Channel.CreateBounded<ReadOnlyMemory<byte>>(
        new BoundedChannelOptions(MaxQueued) { SingleReader = true });

    private readonly TokenBuckets _share = new(options.PacketsPerSecondPerSource, options.PacketBurstPerSource, maxSources: 1);

    public SipFlow Flow => flow;

    /// <summary>True once the handshake is done; false when the connection ended before.</summary>
    public Task<bool> Ready => _ready.Task;

    /// <summary>Queues a message. False: the peer has not read for too long; its connection is closed.</summary>
    public bool TrySend(ReadOnlyMemory<byte> octets)
    {
        if (_queue.Writer.TryWrite(octets))
        {
            return true;
        }

        Close();
        return false;
    }

    /// <summary>Any thread; <see cref="RunAsync"/> ends soon after.</summary>
    public void Close()
    {
        _queue.Writer.TryComplete();
        socket.Dispose();
    }

    /// <summary>Reads and sends until either side closes. <paramref name="handshake"/> is null for plain TCP.</summary>
    public async Task RunAsync(Func<SslStream, CancellationToken, Task>? handshake, bool isOurs, Func<SipPacket, bool> deliver)
    {
        using var late = new CancellationTokenSource(Patience, time);
        using var pings = new PeriodicTimer(PingInterval, time);
        try
        {
            await using var plain = new NetworkStream(socket, ownsSocket: true);
            _ = isOurs ? PingAsync(pings) : Task.CompletedTask;
            if (handshake is null)
            {
                await CarryAsync(plain, late, deliver).ConfigureAwait(false);
                return;
            }

            await using var secured = new SslStream(plain);
            await handshake(secured, late.Token).ConfigureAwait(false);
            await CarryAsync(secured, late, deliver).ConfigureAwait(false);
        }
        catch (Exception fault) when (IsOrdinary(fault))
        {
            // The peer went, was too slow, or failed its handshake.
        }
        finally
        {
            _ready.TrySetResult(false);
            Close();
        }
    }

    private static bool IsOrdinary(Exception fault) => fault is IOException or SocketException or ObjectDisposedException
        or OperationCanceledException or System.Security.Authentication.AuthenticationException or InvalidOperationException;

    private async Task CarryAsync(Stream stream, CancellationTokenSource late, Func<SipPacket, bool> deliver)
    {
        _ready.TrySetResult(true);
        var sending = SendAsync(stream);
        try
        {
            await ReadAsync(stream, late, deliver).ConfigureAwait(false);
        }
        finally
        {
            Close();
            await sending.ConfigureAwait(false);
        }
    }

    private async Task PingAsync(PeriodicTimer pings)
    {
        while (await pings.WaitForNextTickAsync().ConfigureAwait(false))
        {
            TrySend(Ping);
        }
    }

    private async Task ReadAsync(Stream stream, CancellationTokenSource late, Func<SipPacket, bool> deliver)
    {
        var reader = new SipStreamReader();
        var hasTalked = false;
        while (true)
        {
            var isIdle = hasTalked && !reader.IsInsideMessage;
            late.CancelAfter(isIdle ? TimeSpan.FromSeconds(options.ConnectionIdleSeconds) : Patience);
            var octets = await stream.ReadAsync(reader.GetRoom(), late.Token).ConfigureAwait(false);
            if (octets == 0)
            {
                return;
            }

            reader.Advance(octets);
            if (!Take(reader, deliver, ref hasTalked))
            {
                counters.Drop(SipDropReason.Malformed);
                return;
            }
        }
    }

    // False: the stream cannot be read on.
    private bool Take(SipStreamReader reader, Func<SipPacket, bool> deliver, ref bool hasTalked)
    {
        while (true)
        {
            switch (reader.TryRead(out var message))
            {
                case SipStreamItem.Message:
                    hasTalked = true;
                    Hand(message, deliver);
                    break;
                case SipStreamItem.Ping:
                    hasTalked = true;
                    counters.CountKeepAlive();
                    TrySend(Pong);
                    break;
                case SipStreamItem.None:
                    return true;
                default:
                    return false;
            }
        }
    }

    private void Hand(ReadOnlySpan<byte> message, Func<SipPacket, bool> deliver)
    {
        counters.CountReceived();
        if (!_share.TryTake(flow.Remote.Address, clock.Now))
        {
            counters.Drop(SipDropReason.RateLimited);
        }
        else if (!deliver(new SipPacket(message.ToArray(), flow)))
        {
            counters.Drop(SipDropReason.MailboxFull);
        }
    }

    private async Task SendAsync(Stream stream)
    {
        try
        {
            await foreach (var octets in _queue.Reader.ReadAllAsync().ConfigureAwait(false))
            {
                await stream.WriteAsync(octets).ConfigureAwait(false);
            }
        }
        catch (Exception fault) when (IsOrdinary(fault))
        {
            Close();
        }
    }
}
