namespace Comms.Media.Numbers;

/// <summary>Why a packet went no further. Every drop is counted under exactly one of these; the names are metric labels.</summary>
public enum DropReason
{
    /// <summary>Not dropped.</summary>
    None,

    /// <summary>The bytes are no packet of the protocol that their first byte or port promises.</summary>
    Malformed,

    /// <summary>Came from an address that is not the peer's.</summary>
    ForeignSource,

    /// <summary>A payload type that was not negotiated.</summary>
    UnknownPayloadType,

    /// <summary>An interleaved channel that was never set up.</summary>
    UnknownChannel,

    /// <summary>The negotiated direction or a hold excludes it.</summary>
    Direction,

    /// <summary>Seen before.</summary>
    Duplicate,

    /// <summary>Arrived after its moment of playing had passed.</summary>
    Late,

    /// <summary>A bounded buffer was full, or gave up the packet to come back to its target delay.</summary>
    BufferFull,

    /// <summary>Speech behind the talk limit of a gateway's transmitter.</summary>
    TransmitterLimit,

    /// <summary>Belongs to a talk burst that has been replaced by the next.</summary>
    StaleBurst,

    /// <summary>There is no address to send it to yet.</summary>
    NoDestination,

    /// <summary>The authentication tag is wrong: forged, damaged, or other keys.</summary>
    Unauthentic,

    /// <summary>A STUN request for no session of this node, or with a wrong MESSAGE-INTEGRITY.</summary>
    UnknownSession,

    /// <summary>Arrived before the DTLS handshake gave the keys.</summary>
    NoKeys,

    /// <summary>A handshake datagram for which there was no room to wait; its sender repeats it.</summary>
    HandshakeBacklog,

    /// <summary>The peer uses more SSRCs than a session may.</summary>
    TooManySources,

    /// <summary>Speech of a session that neither has the floor nor waits for a decision.</summary>
    GateClosed,

    /// <summary>Kept speech of a request that was denied, or that a grant out of the queue made old.</summary>
    Discarded,

    /// <summary>A datagram larger than the receive buffer.</summary>
    Truncated,

    /// <summary>The kernel's send queue was full.</summary>
    SendQueueFull,

    /// <summary>The kernel refused to send it (no route, no permission).</summary>
    SendFailed,

    /// <summary>The ring towards another loop was full.</summary>
    RingFull,

    /// <summary>The media tap's queue was full; the listeners were served.</summary>
    TapFull,

    /// <summary>Opus over the talker's bitrate cap, or a payload too long to forward.</summary>
    TooLarge,

    /// <summary>Video that nothing can decode: no key frame, or no parameter sets, have come.</summary>
    NoKeyFrame,

    /// <summary>A picture that lost a packet, and what depends on it.</summary>
    DamagedPicture,

    /// <summary>A picture out of output order, while the camera is taken in anew with a conversion.</summary>
    Reordered,

    /// <summary>The viewer fell behind the cached video and goes on at a key frame.</summary>
    ViewerBehind,

    /// <summary>A NACK for a packet that is no longer kept.</summary>
    NotInHistory,

    /// <summary>NACKs beyond what one viewer may ask for.</summary>
    ResendLimit,

    /// <summary>No memory left for cached video.</summary>
    CacheFull,
}
