namespace Comms.Media.Crypto.Dtls;

/// <summary>Sizes and times of the handshake.</summary>
public static class DtlsLimits
{
    /// <summary>Largest datagram we send: passes VPNs and mobile networks without fragmentation.</summary>
    public const int MtuBytes = 1200;

    /// <summary>First retransmission; OpenSSL's own 1 s is felt as a delay when a phone joins.</summary>
    public const int FirstTimeoutMs = 200;

    /// <summary>Doubling of the retransmission time stops here.</summary>
    public const int LongestTimeoutMs = 3200;

    /// <summary>A handshake older than this has failed.</summary>
    public const int HandshakeMs = 30_000;

    /// <summary>The last flight is repeated at most this often, so that repeated input cannot be turned into a flood.</summary>
    public const int RepeatSpacingMs = 20;
}
