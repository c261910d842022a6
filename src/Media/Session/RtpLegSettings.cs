namespace Comms.Media.Session;

/// <summary>Times of a plain-RTP leg that an operator may change.</summary>
public sealed record RtpLegSettings
{
    /// <summary>A leg that may receive and hears neither RTP nor RTCP this long has lost its peer. 0: never.</summary>
    public int InactivityMs { get; init; } = 60_000;

    /// <summary>
    /// Without speech to send, one packet of silence goes out this often, so that address translators keep the way open;
    /// they forget a UDP binding after 30 s at the earliest. RFC 6263 §4, RFC 4787 REQ-5.
    /// </summary>
    public int KeepAliveMs { get; init; } = 15_000;

    /// <summary>RTCP report interval. RFC 3550 §6.2 recommends 5 s as the minimum.</summary>
    public int ReportMs { get; init; } = 5_000;
}

/// <summary>The random numbers that a leg's sending side starts with. RFC 3550 §5.1 asks for unpredictable ones.</summary>
public readonly record struct RtpLegIdentity(uint Ssrc, ushort FirstSequence, uint FirstTimestamp);
