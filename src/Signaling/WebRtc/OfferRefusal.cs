namespace Comms.Signaling.WebRtc;

/// <summary>Why an offer gets no answer.</summary>
public enum OfferRefusal
{
    None,

    /// <summary>Not a session description, or over its limits.</summary>
    NotSdp,

    /// <summary>No ice-ufrag and ice-pwd of the lengths that RFC 8839 §5.4 allows.</summary>
    NoIceCredentials,

    /// <summary>No certificate fingerprint with a hash function that is safe to check.</summary>
    NoFingerprint,

    /// <summary>The peer insists on being the DTLS server (a=setup:passive); we answer passive ourselves.</summary>
    PeerIsPassive,

    /// <summary>More than one accepted section and not all in one BUNDLE group: we have one transport.</summary>
    NotBundled,

    /// <summary>RTCP on a port of its own is not supported.</summary>
    NoRtcpMux,

    /// <summary>No section carries a codec that we send: opus/48000/2 for voice, H.264 packetization-mode 1 for pictures.</summary>
    NoCommonCodec,

    /// <summary>More sections than a session has slots for.</summary>
    TooManySections,
}

/// <summary>What the peer wants the session for.</summary>
public enum OfferKind
{
    /// <summary>Audio slots; the first may talk.</summary>
    Voice,

    /// <summary>One video section that we send on, and perhaps one of audio.</summary>
    Feed,

    /// <summary>One video section that the peer sends on.</summary>
    Publish,
}
