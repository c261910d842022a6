using System.Security.Cryptography;
using System.Text;
using Comms.Media.Numbers;
using Comms.Signaling.Sip.Message;

namespace Comms.Signaling.Sip.Digest;

/// <summary>Stored verifiers of one account, lower-case hexadecimal; null when one is not kept.</summary>
public sealed record DigestVerifiers(string? Ha1Md5, string? Ha1Sha256)
{
    public override string ToString() => "DigestVerifiers";
}

/// <summary>What became of a request's credentials.</summary>
public enum DigestVerdict
{
    Proven,

    /// <summary>None for our realm: challenge.</summary>
    Absent,

    /// <summary>Cannot be read: 400.</summary>
    Malformed,

    /// <summary>The secret may be right but the nonce is old, foreign or spent: challenge with stale=true.</summary>
    Stale,

    /// <summary>The response does not fit: challenge again.</summary>
    Wrong,
}

/// <summary>
/// Digest access authentication as a server. RFC 7616, RFC 8760, RFC 3261 §22. First <see cref="Inspect"/>, then, with the
/// named account's verifiers, <see cref="Verify"/>. Single-threaded.
/// </summary>
public sealed class DigestAuthenticator(string realm, byte[] nonceKey, int nonceLifetimeMs = 300_000, int maxNonces = 100_000)
{
    // Stands in for an unknown account, so that it takes the same time to be refused.
    private static readonly DigestVerifiers Nobody = new(new string('0', 32), new string('0', 64));

    private readonly NonceIssuer _nonces = new(nonceKey, nonceLifetimeMs);
    private readonly NonceCountTable _counts = new(nonceLifetimeMs * 2, maxNonces);

    public string Realm => realm;

    /// <summary>The order of the challenges is the server's order of preference. RFC 8760 §2.4.</summary>
    public IReadOnlyList<DigestAlgorithm> Algorithms { get; init; } = [DigestAlgorithm.Sha256, DigestAlgorithm.Md5];

    /// <summary>Adds one WWW-Authenticate for each algorithm, all with one nonce.</summary>
    public void Challenge(SipResponse response, bool isStale, Instant now)
    {
        var nonce = _nonces.Issue(now);
        foreach (var algorithm in Algorithms)
        {
            var stale = isStale ? ", stale=true" : "";
            response.Headers.Add(SipHeaderNames.WwwAuthenticate, $"Digest realm={SipText.Quote(SipText.EncodeUtf8(realm))}, "
                + $"nonce=\"{nonce}\", algorithm={algorithm.Name()}, qop=\"auth\"{stale}");
        }
    }

    /// <summary>Everything that needs no account. Proven here means: go on with <see cref="Verify"/>.</summary>
    public DigestVerdict Inspect(SipRequest request, Instant now, out DigestCredentials? credentials)
    {
        credentials = null;
        foreach (var value in request.Headers.All(SipHeaderNames.Authorization))
        {
            if (!DigestCredentials.IsDigest(value))
            {
                continue;
            }

            if (!DigestCredentials.TryParse(value, out credentials))
            {
                return DigestVerdict.Malformed;
            }

            if (credentials!.Realm == realm)
            {
                return Judge(request, credentials, now);
            }
        }

        credentials = null;
        return DigestVerdict.Absent;
    }

    /// <summary>Checks the response against the account's verifiers (null: no such account) and spends the nonce count.</summary>
    public DigestVerdict Verify(DigestCredentials credentials, string method, DigestVerifiers? verifiers, Instant now)
    {
        var known = verifiers ?? Nobody;
        var ha1 = credentials.Algorithm == DigestAlgorithm.Sha256 ? known.Ha1Sha256 : known.Ha1Md5;
        var ha2 = credentials.Algorithm.Hash($"{method}:{credentials.Uri}");
        var expected = credentials.Algorithm.Hash(
            $"{ha1}:{credentials.Nonce}:{credentials.NonceCountText}:{credentials.Cnonce}:{credentials.Qop}:{ha2}");
        var isEqual = CryptographicOperations.FixedTimeEquals(
            Encoding.Latin1.GetBytes(expected), Encoding.Latin1.GetBytes(credentials.Response.ToLowerInvariant()));
        if (!isEqual || verifiers is null || ha1 is null)
        {
            return DigestVerdict.Wrong;
        }

        return _counts.TrySpend(credentials.Nonce, credentials.NonceCount, now) ? DigestVerdict.Proven : DigestVerdict.Stale;
    }

    private DigestVerdict Judge(SipRequest request, DigestCredentials credentials, Instant now)
    {
        if (!Algorithms.Contains(credentials.Algorithm) || credentials.Qop != "auth" || credentials.Cnonce is null || credentials.NonceCount == 0)
        {
            return DigestVerdict.Wrong;
        }

        if (!NamesTarget(request, credentials.Uri))
        {
            return DigestVerdict.Malformed;
        }

        return _nonces.Check(credentials.Nonce, now, out _) == NonceVerdict.Fresh ? DigestVerdict.Proven : DigestVerdict.Stale;
    }

    // RFC 3261 §22.4 item 5 wants the digest's uri to equal the Request-URI. Deviation: only its host must, and its user
    // when it has one, because phones leave out ports, parameters and users; the nonce count already stops a replay.
    private static bool NamesTarget(SipRequest request, string digestUri)
    {
        if (digestUri == request.UriText)
        {
            return true;
        }

        return SipUri.TryParse(digestUri, out var uri) && uri.Host.Equals(request.Uri.Host, StringComparison.OrdinalIgnoreCase)
            && (uri.User is null || uri.User == request.Uri.User);
    }
}
