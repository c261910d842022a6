namespace Comms.Signaling.Sip.Transaction;

/// <summary>
/// Timer values of RFC 3261 table 4 and RFC 6026, derived from three base values. An instance, so that a test or a
/// slow radio link can have its own.
/// </summary>
public sealed record SipTimers
{
    public static readonly SipTimers Default = new();

    /// <summary>Round-trip estimate. A smaller value floods slow links with retransmissions.</summary>
    public int T1Ms { get; init; } = 500;

    /// <summary>Longest interval between retransmissions of a non-INVITE request or an INVITE response.</summary>
    public int T2Ms { get; init; } = 4_000;

    /// <summary>How long a message may live in the network.</summary>
    public int T4Ms { get; init; } = 5_000;

    /// <summary>How long an INVITE may stay unanswered before 100 is sent. RFC 3261 §17.2.1.</summary>
    public int TryingMs { get; init; } = 200;

    /// <summary>Timers B, F, H, J, L and M: 64*T1.</summary>
    public int TransactionMs => 64 * T1Ms;

    /// <summary>Timer D: how long a client absorbs repeated final responses; at least 32 s on UDP.</summary>
    public int DMs => Math.Max(32_000, TransactionMs);
}
