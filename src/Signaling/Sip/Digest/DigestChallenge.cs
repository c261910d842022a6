using System.Globalization;
using System.Security.Cryptography;
using Comms.Signaling.Sip.Message;

namespace Comms.Signaling.Sip.Digest;

/// <summary>One WWW-Authenticate or Proxy-Authenticate value of the Digest scheme. RFC 7616 §3.3.</summary>
public sealed record DigestChallenge(string Realm, string Nonce, DigestAlgorithm Algorithm)
{
    public string? Opaque { get; init; }

    /// <summary>False: a server of RFC 2069, which counts no nonces.</summary>
    public bool HasQop { get; init; }

    public bool IsStale { get; init; }

    /// <summary>False: another scheme, an algorithm or quality of protection that we have not, or a part is missing.</summary>
    public static bool TryParse(string value, out DigestChallenge? challenge)
    {
        challenge = null;
        if (!DigestCredentials.IsDigest(value) || !DigestCredentials.TryReadParts(value.TrimStart()[7..], out var parts))
        {
            return false;
        }

        var qop = parts.GetValueOrDefault("qop");
        var isUsable = parts.TryGetValue("realm", out var realm) & parts.TryGetValue("nonce", out var nonce)
            & DigestAlgorithms.TryParse(parts.GetValueOrDefault("algorithm"), out var algorithm);
        if (!isUsable || (qop is not null && !qop.Split(',').Any(one => one.Trim().Equals("auth", StringComparison.OrdinalIgnoreCase))))
        {
            return false;
        }

        challenge = new DigestChallenge(realm!, nonce!, algorithm)
        {
            Opaque = parts.GetValueOrDefault("opaque"),
            HasQop = qop is not null,
            IsStale = "true".Equals(parts.GetValueOrDefault("stale"), StringComparison.OrdinalIgnoreCase),
        };
        return true;
    }

    /// <summary>The value of the Authorization or Proxy-Authorization that answers it. RFC 7616 §3.4.</summary>
    public string Answer(string method, string uri, ClientCredentials credentials, uint count)
    {
        var ha1 = Algorithm.Ha1(credentials.UserName, SipText.DecodeUtf8(Realm), credentials.Password);
        var ha2 = Algorithm.Hash($"{method}:{uri}");
        var cnonce = RandomNumberGenerator.GetHexString(16, lowercase: true);
        var nc = count.ToString("x8", CultureInfo.InvariantCulture);
        var response = HasQop ? Algorithm.Hash($"{ha1}:{Nonce}:{nc}:{cnonce}:auth:{ha2}") : Algorithm.Hash($"{ha1}:{Nonce}:{ha2}");
        var text = $"Digest username={SipText.Quote(SipText.EncodeUtf8(credentials.UserName))}, realm={SipText.Quote(Realm)}, "
            + $"nonce={SipText.Quote(Nonce)}, uri=\"{uri}\", response=\"{response}\", algorithm={Algorithm.Name()}";
        text += HasQop ? $", qop=auth, nc={nc}, cnonce=\"{cnonce}\"" : "";
        return Opaque is null ? text : $"{text}, opaque={SipText.Quote(Opaque)}";
    }
}
