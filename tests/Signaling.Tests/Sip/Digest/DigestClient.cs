using System.Globalization;
using Comms.Signaling.Sip.Digest;
using Comms.Signaling.Sip.Message;

namespace Comms.Signaling.Tests.Sip.Digest;

/// <summary>The other end of digest authentication, as RFC 7616 §3.4.1 tells a client.</summary>
internal static class DigestClient
{
    public static string NonceOf(SipResponse challenge) =>
        challenge.Headers.First(SipHeaderNames.WwwAuthenticate)!.Split("nonce=\"")[1].Split('"')[0];

    public static string Authorize(
        string method, string uri, string realm, string nonce, (string User, string Password) account,
        DigestAlgorithm algorithm = DigestAlgorithm.Sha256, uint count = 1)
    {
        var nc = count.ToString("x8", CultureInfo.InvariantCulture);
        var ha1 = algorithm.Ha1(account.User, realm, account.Password);
        var ha2 = algorithm.Hash($"{method}:{uri}");
        var response = algorithm.Hash($"{ha1}:{nonce}:{nc}:0a4f113b:auth:{ha2}");
        return $"Digest username=\"{account.User}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", response=\"{response}\", "
            + $"algorithm={algorithm.Name()}, qop=auth, nc={nc}, cnonce=\"0a4f113b\"";
    }
}
