using System.Security.Cryptography;
using Comms.Media.Io;
using Comms.Media.Numbers;
using Comms.Media.Wire.Rtsp;

namespace Comms.Media.Relay;

/// <summary>One started ffmpeg and the token that lets it publish to us. Brings its news to the feed's loop.</summary>
internal sealed class FfmpegRun : IRelayRun, IRtspIngestTarget, IFfmpegProcessOwner
{
    private readonly FeedLoop _home;
    private readonly IRelayRunOwner _owner;
    private readonly string _token = RandomNumberGenerator.GetHexString(32, lowercase: true);
    private volatile FfmpegProcess? _process;
    private volatile bool _isKilled;
    private RtspIngest? _publisher;
    private RtspSections _sections;

    private FfmpegRun(FeedLoop home, IRelayRunOwner owner) => (_home, _owner) = (home, owner);

    public int? ProcessId => _process?.Id;

    public static FfmpegRun Start(FeedLoop home, IRelayRunOwner owner, FeedUrl source, RelayMode mode)
    {
        var run = new FfmpegRun(home, owner);
        home.Admit(run._token, run);
        home.Launcher.Start(FfmpegArguments.Build(source, mode, home.IngestUrl(run._token), home.TranscodeThreads), run);
        return run;
    }

    /// <summary>Also before the launcher has come to start the process.</summary>
    public void Kill(Instant now)
    {
        _isKilled = true;
        _process?.Kill();
    }

    public bool TryAnnounce(RtspIngest publisher, IReadOnlyList<RtspSdpMedia> media, Instant now)
    {
        _sections = _owner.ChooseSections(this, media, now);
        _publisher = _sections.Video < 0 ? null : publisher;
        return _sections.Video >= 0;
    }

    public void HandleRtp(RtspIngest publisher, int section, ReadOnlySpan<byte> packet, Instant now)
    {
        if (publisher != _publisher)
        {
            _home.Drops.Count(DropReason.ForeignSource);
        }
        else if (section == _sections.Video)
        {
            _owner.HandleRtp(this, packet, now);
        }
        else if (section == _sections.Audio)
        {
            _owner.HandleAudioRtp(this, packet, now);
        }
        else
        {
            _home.Drops.Count(DropReason.UnknownPayloadType);
        }
    }

    public void HandlePublisherGone(RtspIngest publisher, string reason, Instant now)
    {
        if (_publisher == publisher)
        {
            _publisher = null;
            _owner.HandleLetGo(this, now);
        }
    }

    public void HandleStarted(FfmpegProcess process)
    {
        _process = process;
        if (_isKilled)
        {
            process.Kill();
        }
    }

    public void HandleExited(int exitCode, IReadOnlyList<string> errorTail) => _home.Loop.Post(now =>
    {
        _publisher = null;
        _home.Dismiss(_token);
        _owner.HandleEnded(this, RelayReason.Of(exitCode, errorTail), errorTail, now);
    });
}
