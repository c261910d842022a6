namespace Comms.Media.Crypto;

/// <summary>Why a packet was not unprotected.</summary>
public enum SrtpError
{
    None,

    /// <summary>Too short, wrong version, or a header that runs over the end.</summary>
    Malformed,

    /// <summary>Seen before, or older than the replay window. RFC 3711 §3.3.2.</summary>
    Replayed,

    /// <summary>The tag is wrong: forged, damaged, or protected with other keys.</summary>
    AuthenticationFailed,

    /// <summary>Authentic, but the peer uses more SSRCs than a session may.</summary>
    TooManySources,
}
