namespace Comms.Media.Wire.Sdp;

/// <summary>The parameters of one a=fmtp line, in order, names compared ignoring case. RFC 8866 §6.15.</summary>
public sealed class SdpFormatParameters
{
    public static readonly SdpFormatParameters Empty = new("");
    private readonly List<KeyValuePair<string, string>> _parameters = [];

    /// <summary>Reads "a=1;b=2": blanks around parts are ignored; a part without "=" is a name with an empty value.</summary>
    public SdpFormatParameters(string text)
    {
        Text = text;
        foreach (string part in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            _parameters.Add(equals < 0 ? new(part, "") : new(part[..equals].TrimEnd(), part[(equals + 1)..].TrimStart()));
        }
    }

    /// <summary>The line's text behind the payload type.</summary>
    public string Text { get; }

    /// <summary>The value of the first parameter of that name, or null.</summary>
    public string? this[string name]
    {
        get
        {
            foreach (var (key, value) in _parameters)
                if (key.Equals(name, StringComparison.OrdinalIgnoreCase)) return value;
            return null;
        }
    }

    public override string ToString() => Text;
}
