using System.Security.Cryptography;
using Comms.Media.Io;
using Comms.Media.Numbers;
using Comms.Media.Wire.Rtsp;

namespace Comms.Media.Relay;

/// <summary>
/// One connection of our own to an RTSP camera, on the feed's loop: no process, no copy through another. Follows a few
/// redirections; what it may not do itself it hands to ffmpeg.
/// </summary>
internal sealed class DirectRun : IRelayRun, ITcpConnectorOwner, ITcpConnectionOwner, IRtspClientOwner, IDirectTrackOwner, ILoopTimerOwner
{
    private const int ConnectMs = 5_000;
    private const int MaxRedirections = 3;
    private const int ReportMs = 10_000;
    private const int FrameHeaderBytes = 4;
    private const uint OwnSsrc = 1;

    /// <summary>One maximal interleaved frame is put together by the stream reader, so the buffer may be small: ten thousand of them are held.</summary>
    private static readonly TcpConnectionLimits Limits = new(ReceiveBufferBytes: 16 * 1024, MaxQueuedBytes: 16 * 1024);

    private readonly FeedLoop _home;
    private readonly IRelayRunOwner _owner;
    private readonly LoopTimer _timer;
    private RtspTarget _target;
    private TcpConnector? _connector;
    private TcpConnection? _connection;
    private RtspClientSession? _session;
    private Instant _now;
    private Instant _armed = Instant.Never;
    private Instant _reportAt = Instant.Never;
    private TransportAddress _remote;
    private DirectTrack[] _tracks = [];
    private long _countedStrays;
    private int _redirections;
    private bool _isEnded;

    private DirectRun(FeedLoop home, IRelayRunOwner owner, RtspTarget target)
    {
        (_home, _owner, _target) = (home, owner, target);
        _timer = new LoopTimer(this);
    }

    public int? ProcessId => null;

    public static DirectRun Start(FeedLoop home, IRelayRunOwner owner, RtspTarget target)
    {
        var run = new DirectRun(home, owner, target);
        run.Connect();
        return run;
    }

    public void Kill(Instant now)
    {
        if (!_isEnded)
        {
            _session?.Leave(now);
            Flush(now);
            End(RelayReason.Stopped, now);
        }
    }

    public void OnConnected(TcpConnector connector, int descriptor, Instant now)
    {
        _connector = null;
        _session = new RtspClientSession(_target, this, RandomNumberGenerator.GetHexString(16, lowercase: true), now);
        _connection = new TcpConnection(_home.Loop, descriptor, this, _remote, Limits);
        Settle(now);
    }

    public void OnRefused(TcpConnector connector, TcpConnectFailure failure, Instant now)
    {
        _connector = null;
        End(RelayReason.Of(failure), now);
    }

    public int OnReceived(TcpConnection connection, ReadOnlySpan<byte> bytes, Instant now)
    {
        _now = now;
        _session!.HandleReceived(bytes, now);
        Settle(now);
        return bytes.Length;
    }

    public void OnClosed(TcpConnection connection, TcpCloseReason reason, Instant now)
    {
        _connection = null;
        if (!_isEnded && reason != TcpCloseReason.Local)
        {
            _session!.HandleClosed();
            Settle(now);
        }
    }

    public void OnTimer(LoopTimer timer, Instant now)
    {
        _armed = Instant.Never;
        if (now >= _reportAt)
        {
            Report(now);
        }

        if (_session is { } session && now >= session.NextDeadline)
        {
            session.HandleTimeout(now);
        }

        Settle(now);
    }

    public RtspSections ChooseSections(IReadOnlyList<RtspSdpMedia> media)
    {
        var sections = _owner.ChooseSections(this, media, _now);
        CloseTracks();
        _tracks = sections.Audio < 0 ? [new DirectTrack(_home, this, 0)] : [new DirectTrack(_home, this, 0), new DirectTrack(_home, this, 1)];
        return sections;
    }

    public void HandleRtp(int track, ReadOnlySpan<byte> packet, Instant now)
    {
        _tracks[track].Count(packet, now);
        HandleRtp(_tracks[track], packet, now);
    }

    public void HandleRtp(DirectTrack track, ReadOnlySpan<byte> packet, Instant now)
    {
        if (track.Index == 0)
        {
            _owner.HandleRtp(this, packet, now);
        }
        else
        {
            _owner.HandleAudioRtp(this, packet, now);
        }
    }

    public void HandleRtcp(int track, ReadOnlySpan<byte> packet, Instant now) => _tracks[track].HandleRtcp(packet, now);

    public int OpenPorts(int track) => _tracks[track].OpenPorts(_remote);

    public void HandleServerPorts(int track, in RtspTransport transport) => _tracks[track].HandleServerPorts(transport);

    /// <summary>Tells the camera how its packets arrive: some end a session of which nobody reports. RFC 3550 §6.4.2.</summary>
    private void Report(Instant now)
    {
        _reportAt = now.AddMs(ReportMs);
        Span<byte> frame = stackalloc byte[FrameHeaderBytes + DirectTrack.MaxReportBytes];
        foreach (var track in _tracks)
        {
            var channel = _session!.ReportChannel(track.Index);
            if (_session.UsesDatagrams)
            {
                track.SendReport(OwnSsrc, now);
            }
            else if (channel >= 0 && track.WriteReport(OwnSsrc, frame[FrameHeaderBytes..], now) is > 0 and var length)
            {
                (frame[0], frame[1], frame[2], frame[3]) = ((byte)'$', (byte)channel, 0, (byte)length);
                _connection?.Write(frame[..(FrameHeaderBytes + length)], now);
            }
        }
    }

    private void CountStrays()
    {
        for (; _countedStrays < _session!.StrayPackets; _countedStrays++)
        {
            _home.Drops.Count(DropReason.UnknownChannel);
        }
    }

    private void CloseTracks()
    {
        foreach (var track in _tracks)
        {
            track.Close();
        }

        _tracks = [];
    }

    private void Connect() => HostResolver.Resolve(_home.Loop, _target.Host, _target.Port, (address, now) =>
    {
        if (_isEnded)
        {
            return;
        }

        if (address is not { } found)
        {
            End(RelayReason.UnknownHost, now);
            return;
        }

        _remote = found;
        _connector = TcpConnector.Start(_home.Loop, found, ConnectMs, this, out var failure);
        if (_connector is null)
        {
            End(RelayReason.Of(failure), now);
        }
    });

    /// <summary>Sends what the session has to say and looks whether it goes on.</summary>
    private void Settle(Instant now)
    {
        if (_isEnded || _session is not { } session)
        {
            return;
        }

        Flush(now);
        CountStrays();
        if (!session.IsClosed)
        {
            _reportAt = session.IsPlaying && _reportAt == Instant.Never ? now.AddMs(ReportMs) : _reportAt;
            ArmTimer(Instant.Min(session.NextDeadline, _reportAt));
        }
        else if (session.Failure == RtspFailure.Redirected && TryFollow(session.Redirection, now))
        {
            Connect();
        }
        else if (session.Failure == RtspFailure.NoTransport)
        {
            _owner.HandleUnsuitable(this, RelayMode.Copy, now);
        }
        else
        {
            End(RelayReason.Of(session.Failure, session.FailureStatus), now);
        }
    }

    private void Flush(Instant now)
    {
        while (_session is not null && _session.TryPollTransmit(out var request))
        {
            _connection?.Write(request, now);
        }
    }

    private void ArmTimer(Instant deadline)
    {
        if (deadline != _armed)
        {
            _armed = deadline;
            _home.Loop.Timers.Arm(_timer, deadline);
        }
    }

    private bool TryFollow(string location, Instant now)
    {
        if (++_redirections > MaxRedirections || !FeedUrl.TryParse(location, out _, out _) || !_target.TryRedirect(location, out var next))
        {
            return false;
        }

        _target = next;
        _session = null;
        _reportAt = Instant.Never;
        _countedStrays = 0;
        CloseTracks();
        var connection = _connection;
        _connection = null;
        connection?.Close(now);
        return true;
    }

    /// <summary>Closes everything at once and tells the owner in a later turn, so that it never hears of the end in its own call.</summary>
    private void End(string reason, Instant now)
    {
        if (_isEnded)
        {
            return;
        }

        _isEnded = true;
        _home.Loop.Timers.Cancel(_timer);
        _connector?.Cancel();
        _connector = null;
        _connection?.Close(now);
        _connection = null;
        CloseTracks();
        _home.Loop.Post(later => _owner.HandleEnded(this, reason, [], later));
    }
}
