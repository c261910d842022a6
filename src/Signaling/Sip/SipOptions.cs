using System.ComponentModel.DataAnnotations;
using System.Net;
using Comms.Signaling.Sip.Digest;

namespace Comms.Signaling.Sip;

/// <summary>Section "Sip": settings of the SIP side. Immutable; validated at start.</summary>
public sealed record SipOptions
{
    private const string Auto = "auto";

    /// <summary>
    /// Addresses to listen on over UDP as address:port, separated by commas. On a machine with several addresses name each
    /// one: a wildcard answers from the address that the route back prefers.
    /// </summary>
    [Required, CustomValidation(typeof(SipOptions), nameof(CheckListen))]
    public string Listen { get; init; } = "0.0.0.0:5060";

    /// <summary>
    /// Addresses to listen on over TCP, separated by commas; "auto" takes those of Listen, nothing is no TCP.
    /// </summary>
    [CustomValidation(typeof(SipOptions), nameof(CheckStreamListen))]
    public string ListenTcp { get; init; } = Auto;

    /// <summary>
    /// Addresses to listen on over TLS, with the certificate of HTTPS; "auto" takes those of Listen with the next port,
    /// nothing is no TLS.
    /// </summary>
    [CustomValidation(typeof(SipOptions), nameof(CheckStreamListen))]
    public string ListenTls { get; init; } = Auto;

    /// <summary>
    /// A peer that connects over TLS must show a certificate of a trusted authority; without, its digest alone proves it.
    /// </summary>
    public bool RequireClientCertificate { get; init; }

    /// <summary>
    /// PEM file of the authorities whose certificates are believed: a trunk's, and a device's where one is required. Nothing
    /// is the machine's own list.
    /// </summary>
    public string TrustedAuthorities { get; init; } = "";

    /// <summary>TCP and TLS connections at a time; another one is closed at once.</summary>
    [Range(1, 100_000)]
    public int MaxConnections { get; init; } = 10_000;

    /// <summary>TCP and TLS connections of one source address.</summary>
    [Range(1, 100_000)]
    public int MaxConnectionsPerSource { get; init; } = 500;

    /// <summary>A connection on which a peer has sent nothing, not even a keep-alive, for so long is closed.</summary>
    [Range(10, 86_400)]
    public int ConnectionIdleSeconds { get; init; } = 3_700;

    /// <summary>
    /// Digest realm that phones are shown. Stored passwords are bound to it: after a change every SIP password must be set anew.
    /// </summary>
    [Required, RegularExpression("[A-Za-z0-9._-]{1,64}")]
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

    /// <summary>
    /// Digest algorithms of the challenges in their order, separated by commas. MD5 stands first because older gateways
    /// take the first challenge or fail; write "SHA-256, MD5" where every device knows RFC 8760, "SHA-256" to refuse MD5.
    /// </summary>
    [Required, CustomValidation(typeof(SipOptions), nameof(CheckDigest))]
    public string Digest { get; init; } = "MD5, SHA-256";

    /// <summary>The addresses of <see cref="Listen"/>.</summary>
    public IReadOnlyList<IPEndPoint> ListenAddresses => Split(Listen).Select(IPEndPoint.Parse).ToList();

    /// <summary>The addresses of <see cref="ListenTcp"/>.</summary>
    public IReadOnlyList<IPEndPoint> TcpAddresses => Streams(ListenTcp, 0);

    /// <summary>The addresses of <see cref="ListenTls"/>.</summary>
    public IReadOnlyList<IPEndPoint> TlsAddresses => Streams(ListenTls, 1);

    /// <summary>The algorithms of <see cref="Digest"/>.</summary>
    public IReadOnlyList<DigestAlgorithm> DigestOrder =>
        Split(Digest).Select(name => DigestAlgorithms.TryParse(name, out var algorithm) ? algorithm : DigestAlgorithm.Sha256).ToList();

    public static ValidationResult? CheckListen(string text) =>
        Split(text) is { Length: > 0 } parts && parts.All(part => IPEndPoint.TryParse(part, out var address) && part.Contains(':') && address.Port >= 0)
            ? ValidationResult.Success : new ValidationResult("addresses as address:port are wanted, separated by commas");

    public static ValidationResult? CheckStreamListen(string text) =>
        text.Length == 0 || text == Auto ? ValidationResult.Success : CheckListen(text);

    public static ValidationResult? CheckDigest(string text) =>
        Split(text) is { Length: > 0 } parts && parts.All(part => DigestAlgorithms.TryParse(part, out _))
            ? ValidationResult.Success : new ValidationResult("SHA-256, MD5 or both are wanted, separated by a comma");

    // Any free port stays any free port.
    private List<IPEndPoint> Streams(string text, int step) => text == Auto
        ? ListenAddresses.Select(address => new IPEndPoint(address.Address, address.Port == 0 ? 0 : Math.Min(address.Port + step, 65_535))).ToList()
        : Split(text).Select(IPEndPoint.Parse).ToList();

    private static string[] Split(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
