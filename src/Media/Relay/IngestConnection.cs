using System.Security.Cryptography;
using Comms.Media.Io;
using Comms.Media.Numbers;
using Comms.Media.Wire.Rtsp;

namespace Comms.Media.Relay;

/// <summary>One TCP connection to our RTSP server, on the loop that accepted it: a publisher, or a program that plays a feed.</summary>
internal sealed class IngestConnection : ITcpConnectionOwner, ILoopTimerOwner
{
    /// <summary>A connection that has not named a known token by then is closed.</summary>
    private const int AnnounceMs = 10_000;

    private static readonly TcpConnectionLimits Limits = new(ReceiveBufferBytes: 32 * 1024, MaxQueuedBytes: 64 * 1024);

    private readonly EventLoop _loop;
    private readonly FeedLoop _home;
    private readonly TcpConnection _connection;
    private readonly RtspPlayback _playback;
    private readonly RtspServerSession _session;
    private readonly LoopTimer _timer;
    private readonly Instant _announceBy;
    private FeedPlayer? _player;

    public IngestConnection(FeedLoop home, int descriptor, TransportAddress remote, Instant now)
    {
        var loop = home.Loop;
        _loop = loop;
        _home = home;
        var sessionId = RandomNumberGenerator.GetHexString(16, lowercase: true);
        Ingest = new RtspIngest(home, sessionId);
        _playback = new RtspPlayback(home, sessionId, null);
        _session = new RtspServerSession(new FeedServerRole(Ingest, _playback), now);
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
        else if (_playback.IsPlaying && _player is null)
        {
            _player = new FeedPlayer(_loop, connection, _playback.RtpChannel);
            _home.Play(_playback.Path, _player, now);
        }

        return bytes.Length;
    }

    public void OnClosed(TcpConnection connection, TcpCloseReason reason, Instant now)
    {
        _loop.Timers.Cancel(_timer);
        _session.End("connection closed", now);
        if (_player is not null)
        {
            _home.EndPlay(_playback.Path, _player, now);
        }
    }

    public void OnTimer(LoopTimer timer, Instant now)
    {
        _session.HandleTimeout(now);
        if (_session.IsClosed || (!Ingest.IsAnnounced && !_playback.IsPlaying && now >= _announceBy))
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
