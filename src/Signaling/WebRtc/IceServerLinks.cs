using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Comms.Signaling.Hosting;

namespace Comms.Signaling.WebRtc;

/// <summary>
/// The Link headers that tell a viewer its STUN and TURN servers, RFC 9725 §4.6. A TURN server that shares a secret with us (coturn's
/// use-auth-secret) gets credentials that last as long as a sign-in.
/// </summary>
public sealed class IceServerLinks(HttpOptions options, TimeProvider time)
{
    private const int CredentialHours = 12;

    public IEnumerable<string> For(string accountId)
    {
        foreach (string url in options.IceServers.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            yield return $"<{url}>; rel=\"ice-server\"{CredentialsOf(url, accountId)}";
    }

    private string CredentialsOf(string url, string accountId)
    {
        if (options.TurnSecret.Length == 0 || !url.StartsWith("turn", StringComparison.Ordinal)) return "";
        string expires = time.GetUtcNow().AddHours(CredentialHours).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        string userName = $"{expires}:{accountId}";
#pragma warning disable CA5350 // HMAC-SHA-1 is what TURN servers with a shared secret check.
        byte[] mac = HMACSHA1.HashData(Encoding.UTF8.GetBytes(options.TurnSecret), Encoding.UTF8.GetBytes(userName));
#pragma warning restore CA5350
        return $"; username=\"{userName}\"; credential=\"{Convert.ToBase64String(mac)}\"; credential-type=\"password\"";
    }
}
