using System.Text;

namespace Comms.Signaling.Sip.Message;

/// <summary>
/// A URI of a request line or address. sip and sips are taken apart (RFC 3261 §19.1); any other scheme is kept whole in
/// <see cref="Opaque"/>. Immutable.
/// </summary>
public sealed class SipUri
{
    private SipUri(string scheme, string? opaque)
    {
        Scheme = scheme;
        Opaque = opaque;
    }

    /// <summary>Lower case.</summary>
    public string Scheme { get; }

    /// <summary>What stands behind the scheme when it is neither sip nor sips; else null.</summary>
    public string? Opaque { get; }

    /// <summary>The user part with its escapes undone; null when there is none.</summary>
    public string? User { get; private init; }

    /// <summary>Host name, IPv4 address or bracketed IPv6 reference; "" for other schemes.</summary>
    public string Host { get; private init; } = "";

    /// <summary>0 when absent.</summary>
    public int Port { get; private init; }

    public SipParameters Parameters { get; private init; } = SipParameters.Empty;

    /// <summary>What stands behind the question mark, still escaped; null when absent.</summary>
    public string? Headers { get; private init; }

    public bool IsSip => Scheme is "sip" or "sips";

    private string? RawUserInfo { get; init; }

    public static SipUri Sip(string? user, string host, int port = 0) =>
        new("sip", null) { User = user, RawUserInfo = user is null ? null : Escape(user), Host = host, Port = port };

    public SipUri WithUser(string user) => new(Scheme, Opaque)
    {
        User = user, RawUserInfo = Escape(user), Host = Host, Port = Port, Parameters = Parameters, Headers = Headers,
    };

    public SipUri WithParameters(SipParameters parameters) => new(Scheme, Opaque)
    {
        User = User, RawUserInfo = RawUserInfo, Host = Host, Port = Port, Parameters = parameters, Headers = Headers,
    };

    /// <summary>The URI as it may stand in a request line: without headers and without the method parameter. RFC 3261 §19.1.1.</summary>
    public SipUri WithoutHeaderParts() => new(Scheme, Opaque)
    {
        User = User, RawUserInfo = RawUserInfo, Host = Host, Port = Port, Parameters = Parameters.Without("method"),
    };

    /// <summary>False: no scheme, forbidden characters, bad host, port, escape or parameter.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out SipUri uri)
    {
        uri = Unknown;
        var colon = text.IndexOf(':');
        if (colon <= 0 || !IsScheme(text[..colon]) || !HasOnlyUriCharacters(text))
        {
            return false;
        }

        var scheme = text[..colon].ToString().ToLowerInvariant();
        var rest = text[(colon + 1)..];
        if (scheme is not ("sip" or "sips"))
        {
            uri = new SipUri(scheme, rest.ToString());
            return !rest.IsEmpty;
        }

        return TryParseSip(scheme, rest, out uri);
    }

    /// <summary>
    /// RFC 3261 §19.1.4: user and password by case, the rest without; default values do not equal absent ones; user, ttl,
    /// method, maddr and transport must match when either has them, other parameters only when both have them.
    /// </summary>
    public bool IsEquivalentTo(SipUri other)
    {
        if (Scheme != other.Scheme || !IsSip)
        {
            return Scheme == other.Scheme && Opaque == other.Opaque;
        }

        return User == other.User && Password == other.Password && Host.Equals(other.Host, StringComparison.OrdinalIgnoreCase)
            && Port == other.Port && ParametersMatch(other) && SameHeaders(Headers, other.Headers);
    }

    public override string ToString()
    {
        var text = new StringBuilder(64).Append(Scheme).Append(':');
        if (Opaque is not null)
        {
            return text.Append(Opaque).ToString();
        }

        if (RawUserInfo is not null)
        {
            text.Append(RawUserInfo).Append('@');
        }

        text.Append(Host);
        if (Port != 0)
        {
            text.Append(':').Append(Port);
        }

        Parameters.WriteTo(text);
        return Headers is null ? text.ToString() : text.Append('?').Append(Headers).ToString();
    }

    private static readonly SipUri Unknown = new("", "");

    private string? Password => RawUserInfo?.IndexOf(':') is int at and >= 0 ? RawUserInfo[(at + 1)..] : null;

    private static bool TryParseSip(string scheme, ReadOnlySpan<char> rest, out SipUri uri)
    {
        uri = Unknown;
        var at = rest.IndexOf('@');
        var userInfo = at < 0 ? default : rest[..at];
        rest = rest[(at + 1)..];
        var question = rest.IndexOf('?');
        var headers = question < 0 ? null : rest[(question + 1)..].ToString();
        rest = question < 0 ? rest : rest[..question];
        var semicolon = rest.IndexOf(';');
        var hostPort = semicolon < 0 ? rest : rest[..semicolon];
        var parameterText = semicolon < 0 ? default : rest[semicolon..];
        string? user = null;
        if (at >= 0)
        {
            var password = userInfo.IndexOf(':');
            if (!SipText.TryUnescape(password < 0 ? userInfo : userInfo[..password], out user) || user.Length == 0)
            {
                return false;
            }
        }

        if (rest.Contains('@') || headers?.Contains('@') == true || !SipText.TryParseHostPort(hostPort, out var host, out var port)
            || !SipParameters.TryParse(parameterText, out var parameters))
        {
            return false;
        }

        uri = new SipUri(scheme, null)
        {
            User = user, RawUserInfo = at < 0 ? null : userInfo.ToString(), Host = host, Port = port, Parameters = parameters, Headers = headers,
        };
        return true;
    }

    private bool ParametersMatch(SipUri other)
    {
        foreach (var name in (ReadOnlySpan<string>)["user", "ttl", "method", "maddr", "transport"])
        {
            if (!string.Equals(Parameters[name], other.Parameters[name], StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }
        }

        foreach (var (name, _) in Parameters.Items)
        {
            if (other.Parameters[name] is { } theirs && !theirs.Equals(Parameters[name], StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }
        }

        return true;
    }

    private static bool SameHeaders(string? a, string? b)
    {
        if (a is null || b is null)
        {
            return a == b;
        }

        return a.Split('&').Order(StringComparer.OrdinalIgnoreCase)
            .SequenceEqual(b.Split('&').Order(StringComparer.OrdinalIgnoreCase), StringComparer.OrdinalIgnoreCase);
    }

    private static bool IsScheme(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('+' or '-' or '.'))
            {
                return false;
            }
        }

        return char.IsAsciiLetter(text[0]);
    }

    private static bool HasOnlyUriCharacters(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (c is <= ' ' or '<' or '>' or '"' or '\\' or '^' or '`' or '{' or '|' or '}' or (char)127)
            {
                return false;
            }
        }

        return true;
    }

    private static string Escape(string user)
    {
        var text = new StringBuilder(user.Length);
        foreach (var octet in Encoding.UTF8.GetBytes(user))
        {
            var c = (char)octet;
            if (char.IsAsciiLetterOrDigit(c) || "-_.!~*'()&=+$,;?/".Contains(c))
            {
                text.Append(c);
            }
            else
            {
                text.Append('%').Append(octet.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
            }
        }

        return text.ToString();
    }
}
