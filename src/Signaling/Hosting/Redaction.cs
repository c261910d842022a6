using System.Text.RegularExpressions;

namespace Comms.Signaling.Hosting;

/// <summary>Takes secrets out of a finished log line: the last net under code that must not log them in the first place.</summary>
public static partial class Redaction
{
    private const string Mark = "***";

    /// <summary>Tokens, passwords, digest responses, ICE passwords, SRTP keys, and everything of a stream URL but its scheme.</summary>
    public static string Apply(string text)
    {
        text = StreamUrl().Replace(text, "$1://" + Mark);
        text = UserInfo().Replace(text, "://" + Mark + "@");
        text = NamedValue().Replace(text, "$1" + Mark);
        text = Bearer().Replace(text, "$1 " + Mark);
        text = JsonWebToken().Replace(text, Mark);
        return RefreshToken().Replace(text, Mark);
    }

    [GeneratedRegex(@"\b(rtsps?|rtmps?|srt)://[^\s""'<>\\]+", RegexOptions.IgnoreCase)]
    private static partial Regex StreamUrl();

    [GeneratedRegex(@"://[^/\s""'<>@\\]+@")]
    private static partial Regex UserInfo();

    /// <summary>name=value, name: value and "name":"value", for names that hold secrets.</summary>
    [GeneratedRegex(@"((?:access_?token|refresh_?token|password|passwd|secret|pwd|api_?key|private_?key|\bresponse|\binline)\\?""?\s*[=:]\s*\\?""?)[^\s""'&,;\\}]+", RegexOptions.IgnoreCase)]
    private static partial Regex NamedValue();

    [GeneratedRegex(@"\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}", RegexOptions.IgnoreCase)]
    private static partial Regex Bearer();

    [GeneratedRegex(@"\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")]
    private static partial Regex JsonWebToken();

    [GeneratedRegex(@"\br1\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{20,}")]
    private static partial Regex RefreshToken();
}
