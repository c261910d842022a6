using Comms.Media.Numbers;
using Comms.Media.Session;

namespace Comms.Media.Node;

/// <summary>What media tells signaling. One closed family; read by one consumer.</summary>
public abstract record MediaEvent;

/// <summary>ICE and DTLS are done: the session's keys are in place.</summary>
public sealed record SessionConnected(SessionId Session) : MediaEvent;

/// <summary>The session is gone; its id is never used again.</summary>
public sealed record SessionEnded(SessionId Session, SessionEndReason Reason) : MediaEvent;

/// <summary>Why a session ended.</summary>
public enum SessionEndReason
{
    /// <summary>Signaling asked.</summary>
    Closed,

    /// <summary>30 s without a valid Binding request (a WebRTC peer), or without RTP (a plain leg).</summary>
    Timeout,

    /// <summary>The peer's certificate is not the one its SDP named.</summary>
    WrongFingerprint,

    /// <summary>The handshake failed or took longer than its limit.</summary>
    DtlsFailed,

    /// <summary>The peer said close_notify or RTCP BYE.</summary>
    PeerClosed,

    /// <summary>An ED-137 radio sent no keep-alive for the agreed time. WG67 cause 2001.</summary>
    RadioSilent,
}

/// <summary>An open gate shut by itself: no lease renewal, or no speech packets for the configured time.</summary>
public sealed record GateClosed(SessionId Session, string ChannelId, BurstId Burst, GateCloseReason Reason) : MediaEvent;

/// <summary>Why a gate shut without being told.</summary>
public enum GateCloseReason
{
    LeaseExpired,

    /// <summary>No packets from the talker (2 s for browsers, 4 s for SIP legs by default).</summary>
    TalkerSilent,

    SessionEnded,
}

/// <summary>A telephone-event digit of a plain-RTP leg went down (RFC 4733). Code 0–9, 10 '*', 11 '#', 12–15 A–D.</summary>
public sealed record DigitPressed(SessionId Session, byte Code) : MediaEvent;

/// <summary>A gateway that is keyed without digits began or stopped to talk: its squelch, its carrier or its voice.</summary>
public sealed record LegTalkChanged(SessionId Session, bool IsDown) : MediaEvent;

/// <summary>What a gateway's transmitter is asked for, and what an ED-137 radio says of itself.</summary>
public sealed record GatewayChanged(SessionId Session, GatewayState State) : MediaEvent;

/// <summary>A feed's state changed.</summary>
public sealed record FeedChanged(string CameraId, FeedState State, string Reason) : MediaEvent;

/// <summary>What a feed's source sends was learned from its first picture.</summary>
public sealed record FeedDescribed(string CameraId, FeedDescription Description) : MediaEvent;

/// <summary>States of a feed. <see cref="Live"/> begins with the first key frame.</summary>
public enum FeedState
{
    Connecting,
    Live,
    Reconnecting,
    Stopped,
}

/// <summary>A viewer's video session stopped showing a camera, because it ended or shows another.</summary>
public sealed record ViewerDetached(SessionId Session, string CameraId) : MediaEvent;

/// <summary>What came of asking a camera for a sign of life: "" for an answer, else why there is none, in words.</summary>
public sealed record CameraProbed(string CameraId, string Reason) : MediaEvent;
