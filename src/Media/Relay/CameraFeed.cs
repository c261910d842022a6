using System.Security.Cryptography;
using Comms.Media.Fanout;
using Comms.Media.Io;
using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Media.Wire.Rtsp;

namespace Comms.Media.Relay;

/// <summary>
/// One camera on its own loop: the relay's decisions carried out on a real process, what the process publishes brought to
/// the video feed, and every change of state told.
/// </summary>
internal sealed class CameraFeed : IRtspIngestTarget, IVideoFeedOwner, ILoopTimerOwner
{
    private readonly FeedLoop _home;
    private readonly VideoFeed _video;
    private readonly LoopTimer _timer;
    private FfmpegRelay _relay;
    private FeedUrl? _source;
    private Launch? _launch;
    private RtspIngest? _publisher;
    private IReadOnlyList<string> _errors = [];
    private int _section;
    private int _payloadType;

    public CameraFeed(FeedLoop home, FanoutDriver driver)
    {
        _home = home;
        Driver = driver;
        _video = new VideoFeed(driver.Fanout, this);
        _timer = new LoopTimer(this);
        _relay = NewRelay();
    }

    public FanoutDriver Driver { get; }

    public string CameraId => Driver.CameraId;

    /// <summary>Nothing is taken in and nobody waits: the feed may be forgotten.</summary>
    public bool IsUnused => _source is null && _launch is null && Driver.Fanout.IsUnused;

    /// <summary>Starts taking in the source, or exchanges it. The same source again changes nothing.</summary>
    public void Start(FeedUrl source, Instant now)
    {
        if (_source is not null && _source.Value != source.Value)
        {
            Stop(now);
            _relay = NewRelay();
        }

        _source = source;
        _relay.Start(now);
        Drain(now);
    }

    public void Stop(Instant now)
    {
        _source = null;
        _publisher = null;
        _relay.Stop(now);
        Drain(now);
        Driver.Fanout.Clear();
    }

    public FeedSnapshot Snapshot() => new(
        CameraId,
        _relay.State.State.ToString(),
        _relay.State.Reason,
        Driver.Fanout.ViewerCount,
        _video.PacketsReceived,
        Driver.Fanout.CachedBytes,
        _launch?.Process?.Id,
        [.. _errors.Select(FeedUrl.Redact)]);

    public bool TryAnnounce(RtspIngest publisher, IReadOnlyList<RtspSdpMedia> media, Instant now)
    {
        var section = -1;
        for (var i = 0; i < media.Count && section < 0; i++)
        {
            section = media[i].Kind == "video" ? i : -1;
        }

        if (section < 0 || media[section].Encoding != "H264")
        {
            _relay.HandleUnsuitable(now);
            Drain(now);
            return false;
        }

        _publisher = publisher;
        _section = section;
        _payloadType = media[section].PayloadType;
        _video.Restart(media[section].FormatParameter("sprop-parameter-sets"));
        return true;
    }

    public void HandleRtp(RtspIngest publisher, int section, ReadOnlySpan<byte> packet, Instant now)
    {
        if (publisher != _publisher)
        {
            _home.Drops.Count(DropReason.ForeignSource);
            return;
        }

        if (section != _section || !InterleavedRtpPacket.TryParse(packet, out var rtp) || rtp.PayloadType != _payloadType)
        {
            _home.Drops.Count(section == _section ? DropReason.Malformed : DropReason.UnknownPayloadType);
            return;
        }

        _relay.HandlePacket(now);
        _video.HandlePayload(rtp.Payload, rtp.Sequence, rtp.Timestamp, rtp.Marker, now);
    }

    public void HandlePublisherGone(RtspIngest publisher, string reason, Instant now)
    {
        if (_publisher == publisher)
        {
            _publisher = null;
            _relay.HandlePublisherGone(now);
            Drain(now);
        }
    }

    public void HandleFirstPicture(Instant now)
    {
        _relay.HandlePicture();
        Drain(now);
    }

    public void HandleReordering(Instant now)
    {
        _relay.HandleUnsuitable(now);
        Drain(now);
    }

    public void OnTimer(LoopTimer timer, Instant now)
    {
        _relay.HandleTimeout(now);
        Drain(now);
    }

    private static FfmpegRelay NewRelay() => new((uint)RandomNumberGenerator.GetInt32(int.MaxValue));

    private void Drain(Instant now)
    {
        while (_relay.TryPollAction(out var action))
        {
            if (action == RelayAction.Spawn)
            {
                Spawn();
            }
            else
            {
                _launch?.Kill();
            }
        }

        while (_relay.TryPollState(out var state))
        {
            _home.Publish(CameraId, state);
        }

        _home.Loop.Timers.Arm(_timer, _relay.NextDeadline);
    }

    private void Spawn()
    {
        EndLaunch();
        var launch = new Launch(this, RandomNumberGenerator.GetHexString(32, lowercase: true));
        _launch = launch;
        _home.Admit(launch.Token, this);
        _home.Launcher.Start(FfmpegArguments.Build(_source!, _relay.Mode, _home.IngestUrl(launch.Token), _home.TranscodeThreads), launch);
    }

    /// <summary>A new process never meets an old one's token, and an old one that still lives is killed.</summary>
    private void EndLaunch()
    {
        if (_launch is { } old)
        {
            _launch = null;
            _publisher = null;
            old.Kill();
            _home.Dismiss(old.Token);
        }
    }

    private void HandleExited(Launch launch, int exitCode, IReadOnlyList<string> errorTail, Instant now)
    {
        if (_launch != launch)
        {
            return;
        }

        _launch = null;
        _publisher = null;
        _errors = errorTail.Count > 0 ? errorTail : _errors;
        _home.Dismiss(launch.Token);
        _relay.HandleExited(exitCode, errorTail, now);
        Drain(now);
        _home.ForgetIfUnused(this);
    }

    /// <summary>One started process and the token that lets it publish. Brings its news to the feed's loop.</summary>
    private sealed class Launch(CameraFeed feed, string token) : IFfmpegProcessOwner
    {
        private volatile FfmpegProcess? _process;
        private volatile bool _isKilled;

        public string Token => token;

        public FfmpegProcess? Process => _process;

        /// <summary>On the feed's loop; also before the launcher has come to start the process.</summary>
        public void Kill()
        {
            _isKilled = true;
            _process?.Kill();
        }

        public void HandleStarted(FfmpegProcess process)
        {
            _process = process;
            if (_isKilled)
            {
                process.Kill();
            }
        }

        public void HandleExited(int exitCode, IReadOnlyList<string> errorTail) =>
            feed._home.Loop.Post(now => feed.HandleExited(this, exitCode, errorTail, now));
    }
}
