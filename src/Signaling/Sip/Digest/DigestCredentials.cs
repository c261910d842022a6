using System.Globalization;
using Comms.Signaling.Sip.Message;

namespace Comms.Signaling.Sip.Digest;

/// <summary>One Authorization value of the Digest scheme. RFC 7616 §3.4. Its text is never logged.</summary>
public sealed record DigestCredentials
{
    public required string UserName { get; init; }

    public required string Realm { get; init; }

    public required string Nonce { get; init; }

    public required string Uri { get; init; }

    public required string Response { get; init; }

    public DigestAlgorithm Algorithm { get; init; }

    public string? Qop { get; init; }

    public string? Cnonce { get; init; }

    /// <summary>The nonce count; 0 when absent.</summary>
    public uint NonceCount { get; init; }

    /// <summary>The nonce count as written, because the hash covers its text.</summary>
    public string? NonceCountText { get; init; }

    public override string ToString() => $"Digest of {UserName}";

    /// <summary>True when the value uses the Digest scheme at all; others are ignored, not errors.</summary>
    public static bool IsDigest(string value) => value.AsSpan().TrimStart().StartsWith("Digest ", StringComparison.OrdinalIgnoreCase);

    /// <summary>False: a required part is missing, doubled or malformed, or the algorithm is unknown.</summary>
    public static bool TryParse(string value, out DigestCredentials? credentials)
    {
        credentials = null;
        if (!IsDigest(value) || !TryReadParts(value.TrimStart()[7..], out var parts))
        {
            return false;
        }

        var required = new string?[] { Get("username"), Get("realm"), Get("nonce"), Get("uri"), Get("response") };
        var count = 0u;
        var countText = Get("nc");
        var isCountRead = countText is null
            || (countText.Length == 8 && uint.TryParse(countText, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out count));
        if (!required.All(part => part is not null) || !isCountRead || !DigestAlgorithms.TryParse(Get("algorithm"), out var algorithm))
        {
            return false;
        }

        credentials = new DigestCredentials
        {
            UserName = SipText.DecodeUtf8(required[0]!), Realm = SipText.DecodeUtf8(required[1]!), Nonce = required[2]!, Uri = required[3]!,
            Response = required[4]!, Algorithm = algorithm, Qop = Get("qop"), Cnonce = Get("cnonce"), NonceCount = count, NonceCountText = countText,
        };
        return true;

        string? Get(string name) => parts.GetValueOrDefault(name);
    }

    /// <summary>The parts of a Digest value behind its scheme, unquoted. False: one is no token or stands twice.</summary>
    internal static bool TryReadParts(string text, out Dictionary<string, string> parts)
    {
        parts = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var items = new List<string>();
        SipText.SplitList(text, items);
        foreach (var item in items)
        {
            var equals = item.IndexOf('=');
            if (equals <= 0 || !SipText.IsToken(item.AsSpan(0, equals).Trim())
                || !parts.TryAdd(item[..equals].Trim(), SipText.Unquote(item[(equals + 1)..].Trim())))
            {
                return false;
            }
        }

        return true;
    }
}
