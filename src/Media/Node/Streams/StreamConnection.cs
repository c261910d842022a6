using Comms.Media.Io;
using Comms.Media.Numbers;
using Comms.Media.Relay;
using Comms.Media.Wire.Rtsp;

namespace Comms.Media.Node.Streams;

/// <summary>One stranger's RTSP connection on its camera's loop: a player with a session of its own, or a publisher.</summary>
internal sealed class StreamConnection : ITcpConnectionOwner, ILoopTimerOwner, IStreamHost
{
    /// <summary>A camera that shows nothing within this refuses the player, which may come again.</summary>
    private const int FirstPictureMs = 15_000;

    /// <summary>A connection that neither plays nor publishes by then is closed.</summary>
    private const int IdleMs = 30_000;

    /// <summary>How often a running stream's token is looked at again.</summary>
    private const int RecheckMs = 30_000;

    /// <summary>Unsent bytes beyond which a slow player gets no packet; it goes on with a later key frame.</summary>
    private const int MaxUnsentBytes = 256 * 1024;

    private static readonly TcpConnectionLimits Limits = new(ReceiveBufferBytes: 96 * 1024, MaxQueuedBytes: 512 * 1024);

    private readonly StreamServer _server;
    private readonly MediaLoop _loop;
    private readonly TcpConnection _connection;
    private readonly RtspServerSession _session;
    private readonly StreamRole _role;
    private readonly LoopTimer _timer;
    private readonly Instant _opened;
    private RtspPlayerSession? _player;
    private Instant _wantedAt = Instant.Never;
    private Instant _checkedAt;

    private StreamConnection(StreamServer server, MediaLoop loop, int descriptor, TransportAddress remote, Instant now)
    {
        _server = server;
        _loop = loop;
        _opened = _checkedAt = now;
        _timer = new LoopTimer(this);
        _role = new StreamRole(this, server.Guard);
        _session = new RtspServerSession(_role, now);
        _connection = new TcpConnection(loop.Events, descriptor, this, remote, Limits);
    }

    public string? Description { get; private set; }

    /// <summary>The player has set up its stream and asked for it, and takes bytes.</summary>
    public bool TakesPackets => _role.Playback.IsPlaying && _connection.QueuedBytes < MaxUnsentBytes;

    public byte RtpChannel => _role.Playback.RtpChannel;

    /// <summary>Takes the connection over on its camera's loop, with the bytes that came before.</summary>
    public static void Open(StreamServer server, MediaLoop loop, int descriptor, TransportAddress remote, byte[] first, Instant now)
    {
        var connection = new StreamConnection(server, loop, descriptor, remote, now);
        connection.OnReceived(connection._connection, first, now);
    }

    public bool TryBeginPlay(StreamPath path, string token, Instant now)
    {
        var entry = new SessionEntry(_server.Node.Sessions.NextId(), $"rtsp {path.CameraId}");
        if (!_server.Node.Sessions.TryAdd(entry)) return false;
        entry.TryClaim(_loop);
        _player = new RtspPlayerSession(entry, _loop, this);
        _loop.Add(entry, _player, now);
        _wantedAt = now;
        _ = AttachAsync(entry.Id, path, token);
        return true;
    }

    public IRtspIngestTarget? TargetOf(string cameraId) => new PublishedRun(_server.Node.Feeds.HomeOf(cameraId), cameraId, Close);

    /// <summary>The camera shows a picture: the player may have its description.</summary>
    public void HandlePicture(VideoCodec codec, Instant now)
    {
        if (Description is not null) return;
        // The parameter sets come in band before each key frame.
        Description = FeedSdp.Write(codec, "");
        Answer(_role.AnswerWaiting(now), now);
    }

    public bool Write(ReadOnlySpan<byte> packet, Instant now) => _connection.Write(packet, now);

    public void Close(Instant now) => _connection.Close(now);

    public int OnReceived(TcpConnection connection, ReadOnlySpan<byte> bytes, Instant now)
    {
        _session.HandleReceived(bytes, now);
        Drain(now);
        return bytes.Length;
    }

    public void OnClosed(TcpConnection connection, TcpCloseReason reason, Instant now)
    {
        _loop.Events.Timers.Cancel(_timer);
        _session.End("connection closed", now);
        _player?.End(SessionEndReason.PeerClosed, now);
    }

    public void OnTimer(LoopTimer timer, Instant now)
    {
        _session.HandleTimeout(now);
        if (now >= _wantedAt.AddMs(FirstPictureMs) && Description is null)
        {
            _wantedAt = Instant.Never;
            Answer(_role.RefuseWaiting(), now);
        }

        if (!_role.IsBusy && now.MsSince(_opened) >= IdleMs) Close(now);
        else if (now.MsSince(_checkedAt) >= RecheckMs) Recheck(now);
        Drain(now);
    }

    private async Task AttachAsync(SessionId session, StreamPath path, string token)
    {
        if (await _server.Guard.AttachAsync(session, token, path.CameraId, path.IsSub)) return;
        _loop.Events.Post(now =>
        {
            Answer(_role.RefuseWaiting(), now);
            Close(now);
        });
    }

    private void Recheck(Instant now)
    {
        _checkedAt = now;
        if (_role.Admitted is { } path && !_server.Guard.IsAllowed(_role.Token, path.Use, path.CameraId)) Close(now);
    }

    private void Answer(RtspMessage? response, Instant now)
    {
        if (response is null) return;
        _session.Answer(response);
        Drain(now);
    }

    private void Drain(Instant now)
    {
        while (_session.TryPollTransmit(out var answer)) _connection.Write(answer, now);
        if (_connection.IsClosed) return;
        if (_session.IsClosed)
        {
            _connection.Close(now);
            return;
        }

        var due = Instant.Min(_session.NextDeadline, _checkedAt.AddMs(RecheckMs));
        if (Description is null && _wantedAt != Instant.Never) due = Instant.Min(due, _wantedAt.AddMs(FirstPictureMs));
        _loop.Events.Timers.Arm(_timer, due);
    }
}
