using System.ComponentModel.DataAnnotations;
using Comms.Signaling.Sip.Digest;

namespace Comms.Signaling.Sip;

/// <summary>Settings of the SIP side. Immutable; validated at start.</summary>
public sealed record SipOptions
{
    /// <summary>
    /// Addresses to listen on over UDP, as address:port. On a machine with several addresses name each one: a wildcard
    /// answers from the address that the route back prefers.
    /// </summary>
    public IReadOnlyList<string> Listen { get; init; } = ["0.0.0.0:5060"];

    /// <summary>
    /// The digest realm. Stored verifiers are made for one realm: changing it makes every account set its password again.
    /// </summary>
    [Required, MinLength(1)]
    public string Realm { get; init; } = "comms";

    /// <summary>Calls at a time; another INVITE gets 503.</summary>
    [Range(1, 100_000)]
    public int MaxCalls { get; init; } = 1_000;

    /// <summary>Transactions at a time; another request gets 503. Each takes some 4 kB for 32 s.</summary>
    [Range(100, 1_000_000)]
    public int MaxTransactions { get; init; } = 100_000;

    /// <summary>How long a digest nonce may be used. A replay is refused within this time by its count.</summary>
    [Range(10, 3_600)]
    public int NonceLifetimeSeconds { get; init; } = 300;

    /// <summary>Shortest registration accepted; a shorter one gets 423.</summary>
    [Range(1, 3_600)]
    public int MinExpiresSeconds { get; init; } = 60;

    /// <summary>Longest registration given; a longer wish is cut to it.</summary>
    [Range(60, 86_400)]
    public int MaxExpiresSeconds { get; init; } = 3_600;

    /// <summary>Contacts that one account may register at a time.</summary>
    [Range(1, 100)]
    public int MaxContacts { get; init; } = 10;

    /// <summary>Packets per second that one source address may send for long; more are dropped and counted.</summary>
    [Range(1, 1_000_000)]
    public int PacketsPerSecondPerSource { get; init; } = 500;

    /// <summary>Packets that one source address may send at once.</summary>
    [Range(1, 1_000_000)]
    public int PacketBurstPerSource { get; init; } = 1_000;

    /// <summary>Wrong passwords per minute and source address; more requests from it get 403 unread.</summary>
    [Range(1, 100_000)]
    public int WrongPasswordsPerMinute { get; init; } = 20;

    /// <summary>Packets that wait for the SIP core; more are dropped and counted.</summary>
    [Range(16, 1_000_000)]
    public int MailboxCapacity { get; init; } = 8_192;

    /// <summary>Digest algorithms in order of preference.</summary>
    public IReadOnlyList<DigestAlgorithm> DigestAlgorithms { get; init; } = [DigestAlgorithm.Sha256, DigestAlgorithm.Md5];
}
