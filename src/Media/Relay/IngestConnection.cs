using System.Security.Cryptography;
using Comms.Media.Io;
using Comms.Media.Numbers;
using Comms.Media.Wire.Rtsp;

namespace Comms.Media.Relay;

/// <summary>One publisher's TCP connection to the ingest server, on the loop that accepted it.</summary>
internal sealed class IngestConnection : ITcpConnectionOwner, ILoopTimerOwner
{
    /// <summary>A connection that has not announced a known token by then is closed.</summary>
    private const int AnnounceMs = 10_000;

    private static readonly TcpConnectionLimits Limits = new(ReceiveBufferBytes: 32 * 1024, MaxQueuedBytes: 64 * 1024);

    private readonly EventLoop _loop;
    private readonly TcpConnection _connection;
    private readonly RtspServerSession _session;
    private readonly LoopTimer _timer;
    private readonly Instant _announceBy;

    public IngestConnection(EventLoop loop, int descriptor, TransportAddress remote, IRtspIngestDirectory directory, Instant now)
    {
        _loop = loop;
        Ingest = new RtspIngest(directory, RandomNumberGenerator.GetHexString(16, lowercase: true));
        _session = new RtspServerSession(Ingest, now);
        _timer = new LoopTimer(this);
        _announceBy = now.AddMs(AnnounceMs);
        _connection = new TcpConnection(loop, descriptor, this, remote, Limits);
        loop.Timers.Arm(_timer, _announceBy);
    }

    public RtspIngest Ingest { get; }

    public int OnReceived(TcpConnection connection, ReadOnlySpan<byte> bytes, Instant now)
    {
        _session.HandleReceived(bytes, now);
        while (_session.TryPollTransmit(out var answer))
        {
            connection.Write(answer, now);
        }

        if (_session.IsClosed)
        {
            connection.Close(now);
        }

        return bytes.Length;
    }

    public void OnClosed(TcpConnection connection, TcpCloseReason reason, Instant now)
    {
        _loop.Timers.Cancel(_timer);
        _session.End("connection closed", now);
    }

    public void OnTimer(LoopTimer timer, Instant now)
    {
        _session.HandleTimeout(now);
        if (_session.IsClosed || (!Ingest.IsAnnounced && now >= _announceBy))
        {
            Close(now);
        }
        else
        {
            _loop.Timers.Arm(_timer, _session.NextDeadline);
        }
    }

    public void Close(Instant now) => _connection.Close(now);
}
