using System.Text;

namespace Comms.Signaling.Sip.Message;

/// <summary>
/// The value of From, To, Contact, Route and Record-Route: an optional display name, a URI and header parameters.
/// RFC 3261 §20.10. Immutable.
/// </summary>
public sealed record NameAddr(SipUri Uri)
{
    /// <summary>Decoded text; null when absent.</summary>
    public string? DisplayName { get; init; }

    public SipParameters Parameters { get; init; } = SipParameters.Empty;

    public string? Tag => Parameters["tag"];

    public NameAddr WithTag(string tag) => this with { Parameters = Parameters.With("tag", tag) };

    /// <summary>
    /// Reads one value. Without angle brackets every parameter belongs to the header, and the URI may hold neither a
    /// question mark nor a comma (RFC 3261 §20). False: unbalanced quotes or brackets, a bad URI or parameter.
    /// </summary>
    public static bool TryParse(string value, out NameAddr address)
    {
        address = Nobody;
        var text = value.AsSpan().Trim();
        string? display = null;
        var open = SipText.IndexOutsideQuotes(text, '<');
        if (open < 0)
        {
            return TryParseBare(text, out address);
        }

        var close = text[open..].IndexOf('>');
        if (close < 0 || !TryParseDisplay(text[..open].Trim(), out display))
        {
            return false;
        }

        if (!SipUri.TryParse(text.Slice(open + 1, close - 1).Trim(), out var uri)
            || !SipParameters.TryParse(text[(open + close + 1)..], out var parameters))
        {
            return false;
        }

        address = new NameAddr(uri) { DisplayName = display, Parameters = parameters };
        return true;
    }

    public override string ToString()
    {
        var text = new StringBuilder(96);
        if (DisplayName is not null)
        {
            text.Append(SipText.Quote(SipText.EncodeUtf8(DisplayName))).Append(' ');
        }

        text.Append('<').Append(Uri).Append('>');
        Parameters.WriteTo(text);
        return text.ToString();
    }

    private static readonly NameAddr Nobody = new(SipUri.Sip(null, "invalid"));

    private static bool TryParseBare(ReadOnlySpan<char> text, out NameAddr address)
    {
        address = Nobody;
        var semicolon = text.IndexOf(';');
        var uriText = (semicolon < 0 ? text : text[..semicolon]).Trim();
        if (uriText.Contains('?') || uriText.Contains(',') || !SipUri.TryParse(uriText, out var uri)
            || !SipParameters.TryParse(semicolon < 0 ? default : text[semicolon..], out var parameters))
        {
            return false;
        }

        address = new NameAddr(uri) { Parameters = parameters };
        return true;
    }

    private static bool TryParseDisplay(ReadOnlySpan<char> text, out string? display)
    {
        display = null;
        if (text.IsEmpty)
        {
            return true;
        }

        if (text[0] != '"')
        {
            display = SipText.DecodeUtf8(text.ToString());
            return !text.ContainsAny("\",;>");
        }

        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] == '"')
            {
                display = SipText.DecodeUtf8(SipText.Unquote(text.ToString()));
                return i == text.Length - 1;
            }

            i += text[i] == '\\' ? 1 : 0;
        }

        return false;
    }
}
