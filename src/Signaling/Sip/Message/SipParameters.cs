using System.Text;

namespace Comms.Signaling.Sip.Message;

/// <summary>
/// The <c>;name=value</c> parameters of a URI or header value, in order; immutable. Values are kept as written, quotes
/// included. RFC 3261 §7.3.1: names compare without case and stand at most once.
/// </summary>
public sealed class SipParameters
{
    public static readonly SipParameters Empty = new([]);

    private readonly (string Name, string? Value)[] _items;

    private SipParameters((string Name, string? Value)[] items) => _items = items;

    public int Count => _items.Length;

    public IReadOnlyList<(string Name, string? Value)> Items => _items;

    /// <summary>The value with quotes removed; "" for a flag; null when there is no such parameter.</summary>
    public string? this[string name] => Find(name) is var at and >= 0 ? SipText.Unquote(_items[at].Value ?? "") : null;

    public bool Contains(string name) => Find(name) >= 0;

    /// <summary>A copy with one parameter replaced or added at the end; a null value writes a flag.</summary>
    public SipParameters With(string name, string? value)
    {
        var at = Find(name);
        var items = at < 0 ? [.. _items, (name, value)] : _items.ToArray();
        items[at < 0 ? items.Length - 1 : at] = (name, value);
        return new SipParameters(items);
    }

    public SipParameters Without(string name) =>
        Contains(name) ? new SipParameters(_items.Where(item => !Same(item.Name, name)).ToArray()) : this;

    /// <summary>
    /// Reads text that is empty or begins with a semicolon. False: an empty name (RFC 4475 §3.1.2.1), a name or value that
    /// is no token, host or quoted string, a doubled name, too many.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out SipParameters parameters)
    {
        parameters = Empty;
        text = text.Trim();
        if (text.IsEmpty)
        {
            return true;
        }

        var items = new List<(string Name, string? Value)>(4);
        while (!text.IsEmpty)
        {
            if (text[0] != ';' || items.Count >= SipLimits.ListValues)
            {
                return false;
            }

            text = text[1..];
            var end = SipText.IndexOutsideQuotes(text, ';');
            var item = end < 0 ? text : text[..end];
            text = end < 0 ? default : text[end..];
            if (!TryParseItem(item, out var parsed) || items.Exists(other => Same(other.Name, parsed.Name)))
            {
                return false;
            }

            items.Add(parsed);
        }

        parameters = new SipParameters(items.ToArray());
        return true;
    }

    /// <summary>Writes each parameter with its leading semicolon.</summary>
    public void WriteTo(StringBuilder text)
    {
        foreach (var (name, value) in _items)
        {
            text.Append(';').Append(name);
            if (value is not null)
            {
                text.Append('=').Append(value);
            }
        }
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        WriteTo(text);
        return text.ToString();
    }

    private static bool TryParseItem(ReadOnlySpan<char> item, out (string Name, string? Value) parsed)
    {
        var equals = item.IndexOf('=');
        var name = (equals < 0 ? item : item[..equals]).Trim();
        parsed = ("", null);
        if (!IsName(name))
        {
            return false;
        }

        if (equals < 0)
        {
            parsed = (name.ToString(), null);
            return true;
        }

        var value = item[(equals + 1)..].Trim();
        parsed = (name.ToString(), value.ToString());
        return IsValue(value);
    }

    // URI parameters add a few characters to a token ("[" "]" "/" ":" "&" "$", RFC 3261 §25.1 param-unreserved).
    private static bool IsName(ReadOnlySpan<char> name)
    {
        foreach (var c in name)
        {
            if (c is <= ' ' or '"' or '<' or '>' or ',' or '?' or '@' or '=' or '\\' or (char)127)
            {
                return false;
            }
        }

        return !name.IsEmpty;
    }

    private static bool IsValue(ReadOnlySpan<char> value)
    {
        if (!value.IsEmpty && value[0] == '"')
        {
            return value.Length >= 2 && SipText.IndexOutsideQuotes(value, '\0') < 0 && ClosingQuote(value) == value.Length - 1;
        }

        foreach (var c in value)
        {
            if (c is < ' ' or '"' or '<' or '>' or (char)127)
            {
                return false;
            }
        }

        return true;
    }

    private static int ClosingQuote(ReadOnlySpan<char> text)
    {
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] == '"')
            {
                return i;
            }

            i += text[i] == '\\' ? 1 : 0;
        }

        return -1;
    }

    private int Find(string name) => Array.FindIndex(_items, item => Same(item.Name, name));

    private static bool Same(string a, string b) => a.Equals(b, StringComparison.OrdinalIgnoreCase);
}
