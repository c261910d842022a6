using System.Net;
using System.Threading.Channels;
using Comms.Media.Numbers;

namespace Comms.Media.Node;

/// <summary>
/// Everything the signaling side may ask of media on this node. Every call is control path: it is carried to the owning
/// media loop as a command and answered from there; none is made per packet. Calls naming a session that has ended
/// return false (or <see cref="MediaRefusal.NoSuchSession"/>), because a session may always end first.
/// </summary>
public interface IMediaNode
{
    /// <summary>What an SDP answer needs to know of this node: candidates and the DTLS certificate's fingerprint.</summary>
    MediaNodeDescription Description { get; }

    /// <summary>Lifecycle edges and reports, in order per session; bounded, the oldest reports are dropped and counted.</summary>
    ChannelReader<MediaEvent> Events { get; }

    /// <summary>Makes an ICE-lite, DTLS-passive session that waits for the peer's first valid Binding request.</summary>
    ValueTask<MediaResult<LocalIceTransport>> OpenWebRtcSessionAsync(WebRtcSessionParameters parameters);

    /// <summary>
    /// ICE restart (RFC 8445 §9): new credentials for a browser session, whose media, keys and candidates stay. The old ones answer until
    /// the first valid check with the new.
    /// </summary>
    ValueTask<MediaResult<LocalIceTransport>> RestartIceAsync(SessionId session, string remoteUfrag, string remotePassword);

    /// <summary>Binds a port pair from the configured range for one plain-RTP leg (SIP) and starts it.</summary>
    ValueTask<MediaResult<RtpLegTransport>> OpenRtpLegAsync(RtpLegParameters parameters);

    /// <summary>Applies a re-INVITE: new remote address (the latch opens again), codec or direction.</summary>
    ValueTask<bool> UpdateRtpLegAsync(SessionId session, RtpLegParameters parameters);

    ValueTask<bool> CloseSessionAsync(SessionId session);

    /// <summary>Maps a receiving slot of a session to a channel's talk; the slot's former channel is left.</summary>
    ValueTask<bool> ListenAsync(SessionId session, int slot, string channelId);

    ValueTask<bool> StopListeningAsync(SessionId session, int slot);

    /// <summary>
    /// The session asked for the floor and the decision is open: its speech is kept (500 ms at the most) until
    /// <see cref="OpenGateAsync"/> sends it or <see cref="CloseGateAsync"/> discards it.
    /// </summary>
    ValueTask<bool> BeginRequestAsync(SessionId session, string channelId);

    /// <summary>Lets the session's speech into the channel until the lease ends. Kept speech goes out first unless the grant came out of a queue.</summary>
    ValueTask<bool> OpenGateAsync(SessionId session, TalkGrant grant);

    /// <summary>Extends the lease of an open gate; false when that burst is not open here.</summary>
    ValueTask<bool> RenewGateAsync(SessionId session, BurstId burst, int leaseMs);

    /// <summary>Shuts the gate (release, revoke) or discards kept speech (deny). Harmless when nothing is open.</summary>
    ValueTask<bool> CloseGateAsync(SessionId session);

    /// <summary>Starts taking in a camera; events tell how it goes. Starting a feed that runs already changes nothing.</summary>
    ValueTask<bool> StartFeedAsync(string cameraId, FeedSource source);

    /// <summary>Stops taking in a camera. Viewers stay attached and see nothing until it starts again.</summary>
    ValueTask<bool> StopFeedAsync(string cameraId);

    /// <summary>
    /// Asks a camera for a sign of life (RTSP OPTIONS, or a connection), which costs no session with it; the event
    /// <see cref="CameraProbed"/> tells what came of it. False: its source cannot be asked so, or the node is stopping.
    /// </summary>
    bool Probe(string cameraId, FeedSource source);

    /// <summary>How much is taken in now. Takes one turn of every loop.</summary>
    ValueTask<FeedLoad> ReadFeedLoadAsync();

    /// <summary>Shows a camera on the session's video section: the cached group of pictures first, then live.</summary>
    ValueTask<bool> ViewAsync(SessionId session, string cameraId);

    /// <summary>
    /// Takes what a publishing session sends as the camera's pictures, in the place of any former publisher. A camera that is pulled
    /// refuses: the session then ends.
    /// </summary>
    ValueTask<bool> PublishAsync(SessionId session, string cameraId);

    /// <summary>The newest cached key frame of a feed; null when there is none.</summary>
    ValueTask<KeyFrame?> CopyKeyFrameAsync(string cameraId);

    /// <summary>
    /// Who hears whom now, for the debug page. Takes one turn of every loop, therefore not more than
    /// <paramref name="maxSessions"/> sessions of each; those that talk are always among them.
    /// </summary>
    ValueTask<MediaNodeSnapshot> SnapshotAsync(int maxSessions = MediaNodeSnapshot.DefaultMaxSessions);

    /// <summary>Completes when every loop has taken a turn: a sign of life that costs nothing.</summary>
    ValueTask PingAsync();
}

/// <summary>A coded key frame with its parameter sets, as a byte stream (ITU-T H.264 annex B), and how long ago it arrived.</summary>
public sealed record KeyFrame(byte[] ByteStream, VideoCodec Codec, int AgeMs);

/// <summary>A value, or why there is none.</summary>
public readonly record struct MediaResult<T>(T? Value, MediaRefusal Refusal)
    where T : class
{
    public bool IsOk => Refusal == MediaRefusal.None;
}

/// <summary>Why the node did not do what was asked.</summary>
public enum MediaRefusal
{
    None,
    NoSuchSession,

    /// <summary>The configured number of sessions, or the process's open-file limit, is reached.</summary>
    Full,

    /// <summary>No free port in the configured RTP range.</summary>
    NoPort,

    /// <summary>The node is shutting down.</summary>
    Stopping,
}

/// <summary>What an SDP answer needs to know of a node.</summary>
public sealed record MediaNodeDescription
{
    /// <summary>SHA-256 of the node's DTLS certificate, 32 bytes.</summary>
    public required byte[] FingerprintSha256 { get; init; }

    /// <summary>Host candidates, best first: every local address (or the configured public ones) with the media port.</summary>
    public required IReadOnlyList<IPEndPoint> Candidates { get; init; }

    /// <summary>The address written into SDP for plain-RTP legs when the caller's own route does not decide it.</summary>
    public required IPAddress RtpAddress { get; init; }
}

/// <summary>What a negotiated WebRTC offer asks of a session. Everything is final: a session is never renegotiated.</summary>
public sealed record WebRtcSessionParameters
{
    public required string RemoteUfrag { get; init; }

    public required string RemotePassword { get; init; }

    /// <summary>The hash function name as in SDP ("sha-256"), RFC 8122 §5.</summary>
    public required string FingerprintAlgorithm { get; init; }

    public required byte[] Fingerprint { get; init; }

    /// <summary>Audio slots in m-line order. Slot 0 is the one that may talk; the others only receive.</summary>
    public IReadOnlyList<AudioSlot> AudioSlots { get; init; } = [];

    public VideoSlot? Video { get; init; }

    /// <summary>The peer publishes a camera's pictures to us, and gets none; alone.</summary>
    public PublishedSlot? Published { get; init; }

    /// <summary>A camera's sound beside its pictures; only with <see cref="Video"/>.</summary>
    public CameraAudioSlot? CameraAudio { get; init; }

    /// <summary>Who this is, for the debug page and events only (a unit id). Never an address.</summary>
    public string Owner { get; init; } = "";
}

/// <summary>One audio m-line. RFC 7587 Opus at 48 kHz.</summary>
public sealed record AudioSlot
{
    public required string Mid { get; init; }

    /// <summary>The offer's own payload type for opus/48000/2.</summary>
    public required byte PayloadType { get; init; }

    /// <summary>Our SSRC towards the peer, declared in the answer and kept for every talker.</summary>
    public required uint LocalSsrc { get; init; }

    /// <summary>True when the peer may send on this m-line (sendrecv).</summary>
    public required bool MayTalk { get; init; }

    /// <summary>The peer's SSRC when the offer names one; 0 when the first authenticated packet decides.</summary>
    public uint RemoteSsrc { get; init; }

    /// <summary>The offer's payload type for red/48000/2 over the Opus above (RFC 2198); 0 when it has none.</summary>
    public byte RedPayloadType { get; init; }

    /// <summary>True when audio NACK was negotiated.</summary>
    public bool Nack { get; init; }
}

/// <summary>One m-line on which the peer sends H.264 (RFC 6184, packetization-mode 1) to us.</summary>
/// <param name="LocalSsrc">Ours, in the reports and wishes for key frames that we send.</param>
public sealed record PublishedSlot(string Mid, byte PayloadType, uint LocalSsrc);

/// <summary>The audio m-line of a viewer of cameras, with every codec that both sides know: the camera has one of them. 0: not offered.</summary>
public sealed record CameraAudioSlot
{
    public required string Mid { get; init; }

    public required uint LocalSsrc { get; init; }

    public byte OpusPayloadType { get; init; }

    public byte PcmuPayloadType { get; init; }

    public byte PcmaPayloadType { get; init; }

    /// <summary>True when PCMU (whose number is 0) was offered.</summary>
    public bool HasPcmu { get; init; }

    /// <summary>The payload type of a codec; null when it was not agreed.</summary>
    public byte? PayloadTypeOf(AudioCodec codec) => codec switch
    {
        AudioCodec.Pcmu => HasPcmu ? PcmuPayloadType : null,
        AudioCodec.Pcma => PcmaPayloadType == 0 ? null : PcmaPayloadType,
        _ => OpusPayloadType == 0 ? null : OpusPayloadType,
    };
}

/// <summary>One m-line on which we send H.264 (RFC 6184, packetization-mode 1), or H.265 (RFC 7798) where the peer can show it.</summary>
public sealed record VideoSlot
{
    public required string Mid { get; init; }

    public required byte PayloadType { get; init; }

    public required uint LocalSsrc { get; init; }

    /// <summary>Retransmission payload type and SSRC (RFC 4588); 0 when not negotiated.</summary>
    public byte RtxPayloadType { get; init; }

    public uint RtxSsrc { get; init; }

    /// <summary>H.265 and its retransmissions; 0 when the peer cannot show it.</summary>
    public byte H265PayloadType { get; init; }

    public byte H265RtxPayloadType { get; init; }

    public byte PayloadTypeOf(VideoCodec codec) => codec == VideoCodec.H265 ? H265PayloadType : PayloadType;

    public byte RtxPayloadTypeOf(VideoCodec codec) => codec == VideoCodec.H265 ? H265RtxPayloadType : RtxPayloadType;
}

/// <summary>The ICE credentials to put into the answer.</summary>
public sealed record LocalIceTransport(SessionId Session, string Ufrag, string Password);

/// <summary>A codec of a plain-RTP leg. RFC 3551 §6.</summary>
public enum RtpLegCodec
{
    Pcmu,
    Pcma,
}

/// <summary>What SDP says of a plain-RTP leg.</summary>
public sealed record RtpLegParameters
{
    public required RtpLegCodec Codec { get; init; }

    /// <summary>Where the peer's SDP says it listens for RTP; port 0 holds sending back.</summary>
    public required IPEndPoint Remote { get; init; }

    /// <summary>RTCP of the peer; null means RTP port + 1.</summary>
    public IPEndPoint? RemoteRtcp { get; init; }

    /// <summary>
    /// Where the peer's signaling comes from (the INVITE's source). If it differs from the address in the SDP, the peer may be
    /// behind an address translator and the first plausible source is latched; null or equal: only <see cref="Remote"/> is taken.
    /// </summary>
    public IPAddress? SignalingAddress { get; init; }

    /// <summary>telephone-event payload type (RFC 4733); 0 when not negotiated.</summary>
    public byte TelephoneEventPayloadType { get; init; }

    /// <summary>We may send to the peer (false: on hold).</summary>
    public bool MaySend { get; init; } = true;

    /// <summary>The peer may send to us.</summary>
    public bool MayReceive { get; init; } = true;

    /// <summary>Packet duration to send, 10 to 60 ms.</summary>
    public int PtimeMs { get; init; } = 20;

    /// <summary>The local address that the peer's signaling reached, to bind and to write into SDP.</summary>
    public required IPAddress LocalAddress { get; init; }

    public string Owner { get; init; } = "";

    /// <summary>What makes the leg a radio gateway; null for a telephone.</summary>
    public RtpLegGateway? Gateway { get; init; }
}

/// <summary>Where a leg listens: to be written into the SDP answer.</summary>
public sealed record RtpLegTransport(SessionId Session, IPEndPoint Rtp, IPEndPoint Rtcp);

/// <summary>One granted burst.</summary>
public sealed record TalkGrant
{
    public required string ChannelId { get; init; }

    public required BurstId Burst { get; init; }

    /// <summary>The channel's floor epoch; a gate never opens for an epoch older than the last it saw.</summary>
    public required long Epoch { get; init; }

    /// <summary>The gate closes by itself this long after the grant or the last renewal.</summary>
    public required int LeaseMs { get; init; }

    /// <summary>The grant came out of a queue: kept speech is old and is discarded.</summary>
    public bool FromQueue { get; init; }
}

/// <summary>Where a camera's pictures come from.</summary>
public sealed record FeedSource
{
    /// <summary>rtsp, rtsps, http, https, rtmp, srt URL with any credentials already inside; never logged.</summary>
    public required string Url { get; init; }

    /// <summary>Nothing is pulled: somebody publishes to the camera, by RTSP or WHIP.</summary>
    public bool IsPublished => Url.StartsWith(PublishedScheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>The scheme of a source that is published to us; the rest of such a URL says nothing.</summary>
    public const string PublishedScheme = "publish:";

    /// <summary>Cameras of one site share a line, so their connections are limited together; "" when none is known.</summary>
    public string Site { get; init; } = "";
}
