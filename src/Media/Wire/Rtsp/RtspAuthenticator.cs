using System.Globalization;
using System.Text;

namespace Comms.Media.Wire.Rtsp;

/// <summary>
/// Answers a server's challenges for one account: Digest with SHA-256, then MD5, then Basic. RFC 7616, RFC 2617 §2.
/// Owned by one client session.
/// </summary>
public sealed class RtspAuthenticator(RtspCredentials? credentials, string clientNonce)
{
    private string? _challenge;
    private bool _isSha256;
    private int _uses;

    private enum Strength
    {
        None,
        Basic,
        DigestMd5,
        DigestSha256,
    }

    /// <summary>
    /// Takes the challenges of a 401. False: there is no account, nothing that is understood, or the account was already tried
    /// with this very challenge, which means that it is wrong.
    /// </summary>
    public bool TryTake(RtspMessage unauthorized)
    {
        var best = Strength.None;
        string? chosen = null;
        foreach (var (name, value) in unauthorized.Headers)
        {
            var strength = name.Equals("WWW-Authenticate", StringComparison.OrdinalIgnoreCase) ? StrengthOf(value) : Strength.None;
            if (strength > best)
            {
                (best, chosen) = (strength, value);
            }
        }

        var isNew = _challenge is null || (_challenge != chosen && IsStale(chosen));
        if (credentials is null || chosen is null || !isNew)
        {
            return false;
        }

        _challenge = chosen;
        _isSha256 = best == Strength.DigestSha256;
        _uses = 0;
        HasSucceeded = false;
        return true;
    }

    /// <summary>The Authorization header for a request; null before the first challenge.</summary>
    public string? Authorize(string method, string uri)
    {
        if (_challenge is null || credentials is null)
        {
            return null;
        }

        if (StrengthOf(_challenge) == Strength.Basic)
        {
            return "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credentials.User}:{credentials.Password}"));
        }

        var realm = RtspDigest.Parameter(_challenge, "realm") ?? "";
        var nonce = RtspDigest.Parameter(_challenge, "nonce") ?? "";
        var protection = OffersAuth(RtspDigest.Parameter(_challenge, "qop")) ? Protect() : null;
        var response = RtspDigest.Compute(credentials, realm, nonce, method, uri, _isSha256, protection);
        var header = new StringBuilder($"Digest username=\"{credentials.User}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", response=\"{response}\"");
        if (RtspDigest.Parameter(_challenge, "algorithm") is { } algorithm)
        {
            header.Append(CultureInfo.InvariantCulture, $", algorithm={algorithm}");
        }

        if (RtspDigest.Parameter(_challenge, "opaque") is { } opaque)
        {
            header.Append(CultureInfo.InvariantCulture, $", opaque=\"{opaque}\"");
        }

        if (protection is not null)
        {
            header.Append(CultureInfo.InvariantCulture, $", qop=auth, nc={protection.Count}, cnonce=\"{protection.ClientNonce}\"");
        }

        return header.ToString();
    }

    /// <summary>The server says that only the nonce is too old, or gives another one to an account that was let in before.</summary>
    private bool IsStale(string? challenge) =>
        challenge is not null
        && ("true".Equals(RtspDigest.Parameter(challenge, "stale"), StringComparison.OrdinalIgnoreCase) || HasSucceeded);

    /// <summary>A request with the present challenge was accepted: another 401 later asks for a new nonce, not for another password.</summary>
    public bool HasSucceeded { get; set; }

    private RtspDigestProtection Protect() => new(clientNonce, (++_uses).ToString("x8", CultureInfo.InvariantCulture));

    private static bool OffersAuth(string? qop) =>
        qop is not null && qop.Split(',', StringSplitOptions.TrimEntries).Contains("auth", StringComparer.OrdinalIgnoreCase);

    private static Strength StrengthOf(string challenge)
    {
        if (challenge.StartsWith("Basic", StringComparison.OrdinalIgnoreCase))
        {
            return Strength.Basic;
        }

        if (!challenge.StartsWith("Digest ", StringComparison.OrdinalIgnoreCase))
        {
            return Strength.None;
        }

        return (RtspDigest.Parameter(challenge, "algorithm") ?? "MD5").ToUpperInvariant() switch
        {
            "MD5" => Strength.DigestMd5,
            "SHA-256" => Strength.DigestSha256,
            _ => Strength.None,
        };
    }
}

/// <summary>The client's part of a digest with qop=auth, RFC 7616 §3.4.</summary>
/// <param name="Count">The nonce count as eight hex digits.</param>
public sealed record RtspDigestProtection(string ClientNonce, string Count);
