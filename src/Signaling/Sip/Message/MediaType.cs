using System.Text;

namespace Comms.Signaling.Sip.Message;

/// <summary>A Content-Type value. RFC 3261 §20.15; names compare without case. Immutable.</summary>
public sealed record MediaType(string Type, string Subtype, SipParameters Parameters)
{
    /// <summary>The body's character set as named; null when it is the type's default. Never resolved here.</summary>
    public string? Charset => Parameters["charset"];

    public bool Is(string type, string subtype) =>
        Type.Equals(type, StringComparison.OrdinalIgnoreCase) && Subtype.Equals(subtype, StringComparison.OrdinalIgnoreCase);

    public static bool TryParse(string value, out MediaType type)
    {
        type = None;
        var semicolon = value.IndexOf(';');
        var name = value.AsSpan(0, semicolon < 0 ? value.Length : semicolon).Trim();
        var slash = name.IndexOf('/');
        if (slash <= 0)
        {
            return false;
        }

        var major = name[..slash].Trim();
        var minor = name[(slash + 1)..].Trim();
        if (!SipText.IsToken(major) || !SipText.IsToken(minor)
            || !SipParameters.TryParse(semicolon < 0 ? default : value.AsSpan(semicolon), out var parameters))
        {
            return false;
        }

        type = new MediaType(major.ToString(), minor.ToString(), parameters);
        return true;
    }

    public override string ToString()
    {
        var text = new StringBuilder().Append(Type).Append('/').Append(Subtype);
        Parameters.WriteTo(text);
        return text.ToString();
    }

    private static readonly MediaType None = new("application", "octet-stream", SipParameters.Empty);
}
