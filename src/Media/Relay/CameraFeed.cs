using System.Security.Cryptography;
using Comms.Media.Fanout;
using Comms.Media.Io;
using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Media.Wire.Rtsp;

namespace Comms.Media.Relay;

/// <summary>
/// One camera on its own loop: the relay's decisions carried out on real runs, what a run takes in brought to the video
/// feed, and every change of state told.
/// </summary>
internal sealed class CameraFeed : IRelayRunOwner, IVideoFeedOwner, ILoopTimerOwner
{
    /// <summary>How long a conversion goes on without viewers.</summary>
    private const int LingerMs = 10_000;

    private readonly FeedLoop _home;
    private readonly VideoFeed _video;
    private readonly AudioFeed _audio;
    private readonly LoopTimer _timer;
    private CameraRelay _relay;
    private string? _site;
    private string? _knownUrl;
    private LoopTimer? _linger;
    private FeedUrl? _source;
    private IRelayRun? _run;
    private IReadOnlyList<string> _lastWords = [];
    private int _payloadType;
    private int _audioPayloadType;

    public CameraFeed(FeedLoop home, FanoutDriver driver)
    {
        _home = home;
        Driver = driver;
        _video = new VideoFeed(driver.Fanout, this);
        _audio = new AudioFeed(driver.Fanout);
        _relay = NewRelay(RelayMode.Copy);
        _timer = new LoopTimer(this);
    }

    public FanoutDriver Driver { get; }

    public FeedKey Key => Driver.Key;

    public bool IsStarted => _source is not null || _relay.Mode == RelayMode.Published;

    public bool IsLive => _relay.State.State == FeedState.Live;

    /// <summary>Nothing is taken in and nobody waits: the feed may be forgotten.</summary>
    public bool IsUnused => _source is null && !_relay.IsRejected && _run is null && Driver.Fanout.IsUnused;

    /// <summary>Starts taking in the source, or exchanges it. The same source again changes nothing.</summary>
    public void Start(FeedUrl source, string site, Instant now)
    {
        if (_knownUrl != source.Value)
        {
            if (_source is not null)
            {
                Stop(now);
            }

            _relay = NewRelay(Key.IsConverted ? RelayMode.Transcode : _home.FirstModeOf(source));
            _knownUrl = source.Value;
        }

        _video.PassesReordered = false;
        _home.Sites.Move(this, ref _site, site);
        _source = source;
        _relay.Start(now);
        Drain(now);
    }

    /// <summary>Waits for a publisher, or goes on with the one that is there.</summary>
    public void StartPublished(Instant now)
    {
        if (_relay.Mode != RelayMode.Published)
        {
            Stop(now);
            _relay = NewRelay(RelayMode.Published);
            _knownUrl = null;
        }

        _relay.Start(now);
        Drain(now);
        Publish(_relay.State, now);
    }

    /// <summary>Takes a stranger's run in the place of any former one. False: the camera is pulled, not published.</summary>
    public bool TryTakePublisher(IRelayRun run, Instant now)
    {
        if (_source is not null)
        {
            return false;
        }

        if (_relay.Mode != RelayMode.Published)
        {
            _relay = NewRelay(RelayMode.Published);
            _knownUrl = null;
        }

        // Nobody converts what is published in H.264: back and forth is better than dark.
        _video.PassesReordered = true;
        var former = _run;
        _run = run;
        former?.Kill(now);
        _relay.HandlePublisher(now);
        Drain(now);
        return true;
    }

    /// <summary>A publisher stays when nobody watches: whoever comes next sees its cached pictures at once.</summary>
    public void Stop(Instant now)
    {
        if (_relay.Mode == RelayMode.Published && _run is not null)
        {
            return;
        }

        _source = null;
        _relay.Stop(now);
        Drain(now);
        _home.Sites.Move(this, ref _site, null);
        Driver.Fanout.Clear();
    }

    /// <summary>A conversion that nobody watches goes on for a while: whoever turns away often comes back.</summary>
    public void HandleViewersChanged(Instant now)
    {
        if (Key.IsConverted && _source is not null && Driver.Fanout.IsUnused)
        {
            _linger ??= new LoopTimer(this);
            _home.Loop.Timers.Arm(_linger, now.AddMs(LingerMs));
        }
    }

    /// <summary>An ffmpeg decodes and codes for it, now or as soon as it is tried again.</summary>
    public bool NeedsTranscode => _source is not null && _relay.Mode == RelayMode.Transcode;

    /// <summary>What it waited for is there: the next attempt begins at once.</summary>
    public void Retry(Instant now)
    {
        _relay.Retry(now);
        Drain(now);
    }

    /// <summary>The session description for a program that pulls this feed from us; null while there is no picture.</summary>
    public string? Describe() => _video.HasPicture ? FeedSdp.Write(_video.Codec, _video.ParameterSetsText) : null;

    public FeedSnapshot Snapshot() => new(
        Key.CameraId,
        Key.IsConverted && IsLive ? "Converted" : _relay.State.State.ToString(),
        _relay.State.Reason,
        Driver.Fanout.ViewerCount,
        _video.PacketsReceived,
        Driver.Fanout.CachedBytes,
        _run?.ProcessId,
        [.. _lastWords.Select(FeedUrl.Redact)])
    {
        Description = _video.HasPicture ? DescribeFeed() : null,
    };

    public RtspSections ChooseSections(IRelayRun run, IReadOnlyList<RtspSdpMedia> media, Instant now)
    {
        if (run != _run)
        {
            return new RtspSections(-1);
        }

        var video = FeedSdp.FirstVideo(media);
        if (video < 0)
        {
            if (media.Any(section => section.Kind == "video"))
            {
                HandleUnsuitable(run, RelayMode.Transcode, now);
            }

            return new RtspSections(-1);
        }

        var codec = FeedSdp.CodecOf(media[video])!.Value;
        _payloadType = media[video].PayloadType;
        _video.Restart(FeedSdp.ParameterSetsOf(media[video], codec), codec);
        var audio = FeedSdp.FirstAudio(media);
        _audioPayloadType = audio < 0 ? -1 : media[audio].PayloadType;
        _audio.Restart(audio < 0 ? null : FeedSdp.AudioOf(media[audio]));
        return new RtspSections(video, audio);
    }

    public void HandleRtp(IRelayRun run, ReadOnlySpan<byte> packet, Instant now)
    {
        if (run != _run)
        {
            _home.Drops.Count(DropReason.ForeignSource);
        }
        else if (!InterleavedRtpPacket.TryParse(packet, out var rtp))
        {
            _home.Drops.Count(DropReason.Malformed);
        }
        else if (rtp.PayloadType != _payloadType)
        {
            _home.Drops.Count(DropReason.UnknownPayloadType);
        }
        else
        {
            _relay.HandlePacket(now);
            _home.BytesTakenIn += Key.IsConverted ? 0 : packet.Length;
            _video.HandlePayload(rtp.Payload, rtp.Sequence, rtp.Timestamp, rtp.Marker, now);
        }
    }

    public void HandleAudioRtp(IRelayRun run, ReadOnlySpan<byte> packet, Instant now)
    {
        if (run == _run && InterleavedRtpPacket.TryParse(packet, out var rtp) && rtp.PayloadType == _audioPayloadType)
        {
            _audio.HandlePayload(rtp.Payload, rtp.Timestamp, rtp.Marker, _home.ConvertedOf(Key), now);
        }
        else
        {
            _home.Drops.Count(DropReason.UnknownPayloadType);
        }
    }

    public void HandleUnsuitable(IRelayRun run, RelayMode next, Instant now)
    {
        if (run == _run)
        {
            _relay.HandleUnsuitable(next, now);
            Drain(now);
        }
    }

    public void HandleLetGo(IRelayRun run, Instant now)
    {
        if (run == _run)
        {
            _relay.HandlePublisherGone(now);
            Drain(now);
        }
    }

    public void HandleEnded(IRelayRun run, string reason, IReadOnlyList<string> lines, Instant now)
    {
        if (_run != run)
        {
            return;
        }

        _run = null;
        _lastWords = lines.Count > 0 ? lines : _lastWords;
        _relay.HandleEnded(reason, now);
        Drain(now);
        _home.ForgetIfUnused(this);
    }

    public void HandleFirstPicture(Instant now)
    {
        HandleKeyFrameInterval(now);
        _relay.HandlePicture();
        Drain(now);
    }

    public void HandleKeyFrameInterval(Instant now)
    {
        if (!Key.IsConverted)
        {
            _home.Publish(new FeedDescribed(Key.CameraId, DescribeFeed()));
        }
    }

    public void HandleReordering(Instant now)
    {
        _relay.HandleUnsuitable(RelayMode.Transcode, now);
        Drain(now);
    }

    public void OnTimer(LoopTimer timer, Instant now)
    {
        if (timer == _linger)
        {
            if (Driver.Fanout.IsUnused)
            {
                _home.StopConverting(this, now);
            }

            return;
        }

        _relay.HandleTimeout(now);
        Drain(now);
    }

    private CameraRelay NewRelay(RelayMode mode) => new(
        (uint)RandomNumberGenerator.GetInt32(int.MaxValue), mode, now => _site is null ? now : _home.Sites.Reserve(_site, now));

    private void Drain(Instant now)
    {
        while (_relay.TryPollAction(out var action))
        {
            if (action == RelayAction.Spawn)
            {
                Spawn(now);
            }
            else if (action == RelayAction.Kill)
            {
                _run?.Kill(now);
            }
            else
            {
                _relay.HandleDark(_video.LacksParameterSets ? RelayReason.NoParameterSets : RelayReason.NoKeyFrame);
            }
        }

        while (_relay.TryPollState(out var state))
        {
            Publish(state, now);
        }

        _home.Loop.Timers.Arm(_timer, _relay.NextDeadline);
    }

    /// <summary>Of a conversion the camera's viewers need to know only that it fails though the camera does not, and its end.</summary>
    private void Publish(RelayState state, Instant now)
    {
        if (!Key.IsConverted)
        {
            _home.Publish(Key.CameraId, state);
            if (state.State == FeedState.Live)
            {
                _home.HandleLive(Key, now);
                _home.Sites.HandleSuccess(_site, now);
            }
            else if (state.State == FeedState.Reconnecting)
            {
                _home.Sites.HandleFailure(_site);
            }
        }
        else if (state.State is FeedState.Live or FeedState.Reconnecting && _home.IsLive(Key.Original))
        {
            _home.Publish(Key.CameraId, state);
        }
    }

    private FeedDescription DescribeFeed() => new()
    {
        Codec = _video.Codec,
        WidthPixels = _video.Size.Width,
        HeightPixels = _video.Size.Height,
        KeyFrameIntervalMs = _video.KeyFrameIntervalMs,
        Audio = _audio.Codec,
        IsConverted = _relay.Mode == RelayMode.Transcode,
    };

    /// <summary>A new run never meets an old one's packets, and an old one that still lives is killed.</summary>
    private void Spawn(Instant now)
    {
        _run?.Kill(now);
        _home.CountAttempt();
        _run = _relay.Mode == RelayMode.Direct && RtspTarget.TryParse(_source!.Value, out var target)
            ? DirectRun.Start(_home, this, target)
            : FfmpegRun.Start(_home, this, _source!, _relay.Mode);
    }
}
