using System.Security.Cryptography;
using System.Text;

namespace Comms.Media.Wire.Rtsp;

/// <summary>The Digest scheme with MD5 or SHA-256, with or without qop. RFC 2617 §3.2, RFC 7616.</summary>
public static class RtspDigest
{
    /// <summary>
    /// The response value in lower-case hex: H(H(user:realm:password):nonce:H(method:uri)), with
    /// nonce:count:client-nonce:auth in the middle when protected.
    /// </summary>
    public static string Compute(
        RtspCredentials credentials, string realm, string nonce, string method, string uri, bool isSha256, RtspDigestProtection? protection = null)
    {
        var first = Hash($"{credentials.User}:{realm}:{credentials.Password}", isSha256);
        var second = Hash($"{method}:{uri}", isSha256);
        var middle = protection is null ? nonce : $"{nonce}:{protection.Count}:{protection.ClientNonce}:auth";
        return Hash($"{first}:{middle}:{second}", isSha256);
    }

    /// <summary>Checks an Authorization header, Digest or Basic, against one account.</summary>
    public static bool IsValid(string? header, RtspCredentials credentials, string realm, string nonce, string method)
    {
        if (header is null)
        {
            return false;
        }

        if (header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
        {
            var expected = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credentials.User}:{credentials.Password}"));
            return FixedTimeEquals(header[6..].Trim(), expected);
        }

        if (!header.StartsWith("Digest ", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var isSha256 = "SHA-256".Equals(Parameter(header, "algorithm"), StringComparison.OrdinalIgnoreCase);
        return Parameter(header, "username") == credentials.User
            && Parameter(header, "nonce") == nonce
            && Parameter(header, "uri") is { } uri
            && Parameter(header, "response") is { } response
            && FixedTimeEquals(response, Compute(credentials, realm, nonce, method, uri, isSha256));
    }

    /// <summary>Whom an Authorization header, Digest or Basic, says to be of; null when it says nothing that is understood.</summary>
    public static string? UserNameOf(string header)
    {
        if (header.StartsWith("Digest ", StringComparison.OrdinalIgnoreCase))
        {
            return Parameter(header, "username");
        }

        var buffer = new byte[header.Length];
        if (!header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase)
            || !Convert.TryFromBase64String(header[6..].Trim(), buffer, out var bytes))
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(buffer, 0, bytes);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? null : text[..colon];
    }

    /// <summary>One parameter of a challenge or an Authorization header, unquoted; null when missing.</summary>
    public static string? Parameter(string header, string name)
    {
        var at = 0;
        while ((at = header.IndexOf(name, at, StringComparison.OrdinalIgnoreCase)) >= 0)
        {
            var equals = at + name.Length;
            var isWord = at == 0 || header[at - 1] is ' ' or ',' or '\t';
            at = equals;
            if (!isWord || equals >= header.Length || header[equals] != '=')
            {
                continue;
            }

            var value = header.AsSpan(equals + 1);
            if (value.StartsWith("\"", StringComparison.Ordinal))
            {
                var close = value[1..].IndexOf('"');
                return close < 0 ? null : value.Slice(1, close).ToString();
            }

            var end = value.IndexOfAny(',', ' ');
            return (end < 0 ? value : value[..end]).ToString();
        }

        return null;
    }

    private static string Hash(string text, bool isSha256)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return Convert.ToHexStringLower(isSha256 ? SHA256.HashData(bytes) : MD5.HashData(bytes));
    }

    private static bool FixedTimeEquals(string a, string b) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(a), Encoding.UTF8.GetBytes(b));
}

/// <summary>One account of an RTSP server.</summary>
public sealed record RtspCredentials(string User, string Password)
{
    /// <summary>Never shows the password.</summary>
    public override string ToString() => User;
}
