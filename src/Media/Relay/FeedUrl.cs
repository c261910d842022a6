using System.Buffers;
using System.Text.RegularExpressions;

namespace Comms.Media.Relay;

/// <summary>
/// A camera's URL that is safe to hand to ffmpeg: a known network scheme, a host, and no character by which it could
/// become an option, another protocol or two arguments. Printed without credentials and query.
/// </summary>
public sealed partial class FeedUrl
{
    private const int MaxLength = 2048;
    private static readonly string[] Schemes = ["rtsp", "rtsps", "http", "https", "rtmp", "rtmps", "srt"];

    /// <summary>Printable ASCII without what a shell, an option parser or a protocol list could take for its own.</summary>
    private static readonly SearchValues<char> Allowed = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#[]@!$&()*+,;=%^{}");

    private FeedUrl(string value, string scheme, string redacted)
    {
        Value = value;
        Scheme = scheme;
        Redacted = redacted;
    }

    /// <summary>The URL with its credentials, for the process only; never for a log.</summary>
    public string Value { get; }

    /// <summary>In lower case.</summary>
    public string Scheme { get; }

    /// <summary>Scheme, host and path; no credentials, no query.</summary>
    public string Redacted { get; }

    public bool IsRtsp => Scheme is "rtsp" or "rtsps";

    /// <summary>False, with a reason in words, for anything that is not a plain network URL.</summary>
    public static bool TryParse(string? text, out FeedUrl url, out string reason)
    {
        url = null!;
        reason = "";
        if (string.IsNullOrEmpty(text) || text.Length > MaxLength)
        {
            reason = "the address is empty or too long";
        }
        else if (text.AsSpan().IndexOfAnyExcept(Allowed) >= 0)
        {
            reason = "the address holds a character that is not allowed in a URL";
        }
        else if (Pattern().Match(text) is not { Success: true } match)
        {
            reason = "the address is not a URL with a host";
        }
        else if (match.Groups["scheme"].Value.ToLowerInvariant() is var scheme && !Schemes.Contains(scheme))
        {
            reason = $"{scheme} is not one of {string.Join(", ", Schemes)}";
        }
        else if (scheme == "srt" && match.Groups["query"].Value.Contains("mode=", StringComparison.OrdinalIgnoreCase)
            && !match.Groups["query"].Value.Contains("mode=caller", StringComparison.OrdinalIgnoreCase))
        {
            reason = "an SRT source must be called, not waited for";
        }
        else
        {
            url = new FeedUrl(text, scheme, $"{scheme}://{match.Groups["host"].Value}{match.Groups["path"].Value}");
        }

        return reason.Length == 0;
    }

    /// <summary>Takes credentials and queries out of a line that another program wrote.</summary>
    public static string Redact(string line) => QuerySecret().Replace(UserInfo().Replace(line, "://***@"), "?***");

    public override string ToString() => Redacted;

    [GeneratedRegex(
        @"^(?<scheme>[A-Za-z][A-Za-z0-9]*)://(?:[^/?#]*@)?(?<host>(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?)(?<path>/[^?#]*)?(?<query>[?#].*)?$",
        RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();

    [GeneratedRegex(@"://[^\s/]*@", RegexOptions.CultureInvariant)]
    private static partial Regex UserInfo();

    [GeneratedRegex(@"(?<=://\S*)\?[^\s:]*", RegexOptions.CultureInvariant)]
    private static partial Regex QuerySecret();
}
