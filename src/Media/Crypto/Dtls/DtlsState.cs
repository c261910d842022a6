namespace Comms.Media.Crypto.Dtls;

/// <summary>Where a handshake stands.</summary>
public enum DtlsState
{
    Handshaking,

    /// <summary>Keys are exported and the peer's certificate is the one its SDP named.</summary>
    Connected,
    Failed,
}

/// <summary>Who sends the ClientHello. RFC 8842 §5: a=setup:active is the client.</summary>
public enum DtlsRole
{
    Server,
    Client,
}

/// <summary>Why a handshake failed.</summary>
public enum DtlsFailure
{
    None,

    /// <summary>The peer's certificate does not hash to the SDP's fingerprint. RFC 8122 §6.2.</summary>
    WrongFingerprint,

    /// <summary>The peer's messages break TLS, or no cipher is common.</summary>
    Protocol,

    /// <summary>No SRTP protection profile is common. RFC 5764 §4.1.1.</summary>
    NoSrtpProfile,

    TimedOut,

    /// <summary>close_notify before the handshake ended.</summary>
    ClosedByPeer,
}
