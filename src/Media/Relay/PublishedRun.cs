using Comms.Media.Fanout;
using Comms.Media.Numbers;
using Comms.Media.Wire.Rtsp;

namespace Comms.Media.Relay;

/// <summary>
/// A stranger who publishes to a camera of ours, by RTSP on the feed's loop or by WebRTC on any, as a run of that camera's feed. Lives on
/// the feed's loop.
/// </summary>
internal sealed class PublishedRun(FeedLoop home, string cameraId, Action<Instant> disconnect) : IRelayRun, IRtspIngestTarget, IFrameReceiver
{
    private CameraFeed? _feed;
    private RtspSections _sections = new(-1);
    private bool _isOver;

    public FeedLoop Home => home;

    public int? ProcessId => null;

    /// <summary>WebRTC begins: H.264 under that payload type. A camera that is pulled refuses and the session is ended.</summary>
    public void Begin(byte payloadType, Instant now)
    {
        var media = new RtspSdpMedia { Kind = "video", PayloadType = payloadType, Encoding = "H264", ClockRateHz = 90_000 };
        if (!TryBegin([media], now)) home.Loop.Post(disconnect);
    }

    /// <summary>One RTP packet as it came. The packet path.</summary>
    public void HandlePacket(ReadOnlySpan<byte> packet, Instant now)
    {
        if (_sections.Video >= 0) _feed!.HandleRtp(this, packet, now);
        else home.Drops.Count(DropReason.ForeignSource);
    }

    /// <summary>A packet that the session's loop carried here.</summary>
    public void OnFrame(in FrameHeader header, ReadOnlySpan<byte> payload, Instant now) => HandlePacket(payload, now);

    /// <summary>The WebRTC session ended.</summary>
    public void End(Instant now) => Finish(RelayReason.PublisherGone);

    public bool TryAnnounce(RtspIngest publisher, IReadOnlyList<RtspSdpMedia> media, Instant now) => TryBegin(media, now);

    public void HandleRtp(RtspIngest publisher, int section, ReadOnlySpan<byte> packet, Instant now)
    {
        if (section == _sections.Video) _feed!.HandleRtp(this, packet, now);
        else if (section == _sections.Audio) _feed!.HandleAudioRtp(this, packet, now);
        else home.Drops.Count(DropReason.UnknownPayloadType);
    }

    public void HandlePublisherGone(RtspIngest publisher, string reason, Instant now) => Finish(RelayReason.PublisherGone);

    public void Kill(Instant now)
    {
        Finish(RelayReason.PublisherGone);
        home.Loop.Post(disconnect);
    }

    private bool TryBegin(IReadOnlyList<RtspSdpMedia> media, Instant now)
    {
        _feed = home.TakePublisher(cameraId, this, now);
        _sections = _feed?.ChooseSections(this, media, now) ?? new RtspSections(-1);
        if (_feed is not null && _sections.Video < 0) Finish(RelayReason.NotPublishable);
        return _sections.Video >= 0;
    }

    /// <summary>Tells the feed once, and never from within its own call.</summary>
    private void Finish(string reason)
    {
        if (_isOver || _feed is not { } feed) return;
        _isOver = true;
        home.Loop.Post(now => feed.HandleEnded(this, reason, [], now));
    }
}
