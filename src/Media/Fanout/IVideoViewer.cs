using Comms.Media.Numbers;

namespace Comms.Media.Fanout;

/// <summary>
/// The video section of one WebRTC session, as the fan-out of a camera sees it. Used on the session's own loop only, which is
/// <see cref="Loop"/>; a feed living on another loop reaches its viewers there through <see cref="IFrameCarrier"/>, one copy per loop.
/// </summary>
public interface IVideoViewer
{
    SessionId Session { get; }

    int Loop { get; }

    /// <summary>The feed's part on this loop that answers this viewer's RTCP; null while the session shows nothing.</summary>
    IVideoFeed? Feed { get; set; }

    /// <summary>The feed's part that takes over at its first key frame, while <see cref="Feed"/> still shows; null when none does.</summary>
    IVideoFeed? NextFeed { get; set; }

    /// <summary>The RTP timestamp of the last packet of video that was sent; null before the first.</summary>
    uint? LastVideoTimestamp { get; }

    /// <summary>
    /// What the viewer can decode. A feed of another codec reaches it through the camera's one shared conversion to H.264, which
    /// every viewer can show. Constant while a camera is shown.
    /// </summary>
    bool CanShow(VideoCodec codec) => codec == VideoCodec.H264;

    /// <summary>
    /// Sends one RTP packet under the session's own SSRC, payload type and next sequence number, which is returned. The
    /// timestamp is sent as given: the feed keeps each viewer's timeline. −1: not connected yet, or the output is full. The codec
    /// is the <see cref="IVideoFeed.Codec"/> of <see cref="Feed"/>, one for which <see cref="CanShow"/> said yes.
    /// </summary>
    int SendVideo(ReadOnlySpan<byte> payload, bool marker, uint timestamp90k, Instant now);

    /// <summary>
    /// Sends a lost packet again: as RTX (RFC 4588) when negotiated, otherwise the same packet under its old number. The caller
    /// gives exactly what was sent under <paramref name="sequenceNumber"/>.
    /// </summary>
    bool ResendVideo(ushort sequenceNumber, ReadOnlySpan<byte> payload, bool marker, uint timestamp90k, Instant now);

    /// <summary>
    /// Sends one packet of the camera's sound, as it came. Its timestamp runs with the node's clock like the pictures'
    /// (<see cref="VideoTimeline.TimestampAt"/>), in the codec's own rate. Viewers without a track for it do nothing.
    /// </summary>
    void SendAudio(AudioCodec codec, ReadOnlySpan<byte> payload, bool marker, uint timestamp, Instant now)
    {
    }
}

/// <summary>What a viewer's RTCP asks of the feed it shows. Called on the viewer's loop.</summary>
public interface IVideoFeed
{
    /// <summary>The codec of what is sent now.</summary>
    VideoCodec Codec => VideoCodec.H264;

    /// <summary>PLI or FIR: the viewer cannot decode before the next key frame.</summary>
    void OnKeyFrameWanted(IVideoViewer viewer, Instant now);

    /// <summary>NACK: one sequence number that the viewer misses; called for each.</summary>
    void OnPacketMissed(IVideoViewer viewer, ushort sequenceNumber, Instant now);

    /// <summary>The session ended: the viewer must not be used after this call.</summary>
    void OnViewerGone(IVideoViewer viewer, Instant now);
}
