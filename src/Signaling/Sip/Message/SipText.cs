using System.Buffers;
using System.Text;

namespace Comms.Signaling.Sip.Message;

/// <summary>Lexical rules that every SIP header shares. RFC 3261 §25.1.</summary>
internal static class SipText
{
    private static readonly SearchValues<char> TokenChars =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~");

    private static readonly SearchValues<char> HostChars =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._");

    private static readonly SearchValues<char> Ipv6Chars = SearchValues.Create("ABCDEFabcdef0123456789:.");

    public static bool IsToken(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExcept(TokenChars);

    /// <summary>A host name, IPv4 address or bracketed IPv6 reference.</summary>
    public static bool IsHost(ReadOnlySpan<char> text)
    {
        if (text is ['[', .. var inner, ']'])
        {
            return inner.Length is > 1 and < 46 && !inner.ContainsAnyExcept(Ipv6Chars);
        }

        return !text.IsEmpty && text.Length < 256 && !text.ContainsAnyExcept(HostChars);
    }

    /// <summary>Splits <c>host[:port]</c>; LWS around the colon is allowed. Port 0 when absent. False: bad host or port.</summary>
    public static bool TryParseHostPort(ReadOnlySpan<char> text, out string host, out int port)
    {
        text = text.Trim();
        (host, port) = ("", 0);
        var end = text.StartsWith("[") ? text.IndexOf(']') + 1 : text.IndexOf(':');
        var name = (end <= 0 ? text : text[..end]).Trim();
        var rest = end <= 0 ? default : text[end..].Trim();
        if (!IsHost(name))
        {
            return false;
        }

        if (!rest.IsEmpty)
        {
            if (rest[0] != ':' || !TryParseNumber(rest[1..].Trim(), 65_535, out var number) || number == 0)
            {
                return false;
            }

            port = (int)number;
        }

        host = name.ToString();
        return true;
    }

    /// <summary>Decimal digits only, at most <paramref name="max"/>; leading zeros are allowed.</summary>
    public static bool TryParseNumber(ReadOnlySpan<char> text, uint max, out uint number)
    {
        number = 0;
        if (text.IsEmpty || text.Length > 20)
        {
            return false;
        }

        ulong value = 0;
        foreach (var c in text)
        {
            if (!char.IsAsciiDigit(c) || (value = value * 10 + (uint)(c - '0')) > max)
            {
                return false;
            }
        }

        number = (uint)value;
        return true;
    }

    /// <summary>Index of the first <paramref name="wanted"/> outside quotes and angle brackets; -1 when there is none.</summary>
    public static int IndexOutsideQuotes(ReadOnlySpan<char> text, char wanted)
    {
        var quoted = false;
        var angle = false;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (quoted)
            {
                i += c == '\\' ? 1 : 0;
                quoted = c != '"';
            }
            else if (c == wanted && !angle)
            {
                return i;
            }
            else if (c == '"')
            {
                quoted = true;
            }
            else if (c is '<' or '>')
            {
                angle = c == '<';
            }
        }

        return -1;
    }

    /// <summary>Adds the comma-separated parts of one header value, trimmed, empty ones left out. Bounded by <see cref="SipLimits"/>.</summary>
    public static void SplitList(string value, List<string> into)
    {
        var rest = value.AsSpan();
        while (!rest.IsEmpty && into.Count < SipLimits.ListValues)
        {
            var comma = IndexOutsideQuotes(rest, ',');
            var part = (comma < 0 ? rest : rest[..comma]).Trim();
            if (!part.IsEmpty)
            {
                into.Add(part.Length == value.Length ? value : part.ToString());
            }

            rest = comma < 0 ? default : rest[(comma + 1)..];
        }
    }

    /// <summary>The text inside a quoted string with its escapes undone; anything else comes back as it is.</summary>
    public static string Unquote(string text)
    {
        if (text.Length < 2 || text[0] != '"' || text[^1] != '"')
        {
            return text;
        }

        var inner = text.AsSpan(1, text.Length - 2);
        if (!inner.Contains('\\'))
        {
            return inner.ToString();
        }

        var plain = new StringBuilder(inner.Length);
        for (var i = 0; i < inner.Length; i++)
        {
            i += inner[i] == '\\' && i + 1 < inner.Length ? 1 : 0;
            plain.Append(inner[i]);
        }

        return plain.ToString();
    }

    /// <summary>A quoted string with backslash and quote escaped and control characters left out.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
        {
            if (c is '"' or '\\')
            {
                quoted.Append('\\');
            }

            if (c is >= ' ' and not (char)127)
            {
                quoted.Append(c);
            }
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>Turns kept octets into text: UTF-8 when they are UTF-8 (RFC 3261 §7.3.1), else as they stand.</summary>
    public static string DecodeUtf8(string octets)
    {
        if (Ascii.IsValid(octets))
        {
            return octets;
        }

        try
        {
            return StrictUtf8.GetString(Encoding.Latin1.GetBytes(octets));
        }
        catch (DecoderFallbackException)
        {
            return octets;
        }
    }

    /// <summary>Turns text into the octets that go on the wire, one char per octet.</summary>
    public static string EncodeUtf8(string text) => Ascii.IsValid(text) ? text : Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));

    /// <summary>Undoes %HH escapes. False: a percent sign without two hexadecimal digits.</summary>
    public static bool TryUnescape(ReadOnlySpan<char> text, out string plain)
    {
        if (!text.Contains('%'))
        {
            plain = text.ToString();
            return true;
        }

        plain = "";
        var octets = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%')
            {
                octets.Append(text[i]);
                continue;
            }

            if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2]))
            {
                return false;
            }

            octets.Append((char)Convert.ToByte(text.Slice(i + 1, 2).ToString(), 16));
            i += 2;
        }

        plain = octets.ToString();
        return true;
    }

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);
}
