using System.Globalization;

namespace Comms.Media.Wire.Rtsp;

/// <summary>
/// Where a client goes: host and port to connect to, the request URI without credentials, and the credentials that its URL
/// held, percent-decoded. RFC 2326 §3.2, RFC 3986 §3.2.1.
/// </summary>
public sealed record RtspTarget
{
    /// <summary>The port when the URL names none, RFC 2326 §3.2.</summary>
    public const int DefaultPort = 554;

    private const string Scheme = "rtsp://";

    private RtspTarget()
    {
    }

    /// <summary>A name or address; an IPv6 address without its brackets.</summary>
    public required string Host { get; init; }

    public required ushort Port { get; init; }

    /// <summary>scheme, authority and path as requests name them.</summary>
    public required string Uri { get; init; }

    public RtspCredentials? Credentials { get; init; }

    /// <summary>rtsp:// with host and port as written, without a path.</summary>
    private string Origin => Uri[..EndOfAuthority(Uri)];

    /// <summary>False: another scheme, no host, or a port out of range.</summary>
    public static bool TryParse(string url, out RtspTarget target)
    {
        target = null!;
        while (url.StartsWith(Scheme + Scheme, StringComparison.OrdinalIgnoreCase))
        {
            url = url[Scheme.Length..];
        }

        if (!url.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var end = EndOfAuthority(url);
        var authority = url[Scheme.Length..end];
        var at = authority.LastIndexOf('@');
        var place = authority[(at + 1)..];
        var colon = place.LastIndexOf(':');
        var hasPort = colon > place.LastIndexOf(']');
        ushort port = DefaultPort;
        if (hasPort && !ushort.TryParse(place.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port))
        {
            return false;
        }

        var host = (hasPort ? place[..colon] : place).Trim('[', ']');
        if (host.Length == 0 || port == 0)
        {
            return false;
        }

        target = new RtspTarget
        {
            Host = host,
            Port = port,
            Uri = $"{Scheme}{place}{url[end..]}",
            Credentials = at < 0 ? null : ParseCredentials(authority[..at]),
        };
        return true;
    }

    /// <summary>Where a redirection leads. Credentials go along only to the same host.</summary>
    public bool TryRedirect(string location, out RtspTarget target)
    {
        if (!TryParse(location, out target))
        {
            return false;
        }

        target = target with { Credentials = target.Host.Equals(Host, StringComparison.OrdinalIgnoreCase) ? Credentials : null };
        return true;
    }

    /// <summary>
    /// Makes a control attribute a request URI, RFC 2326 §C.1.1: relative to the base, or absolute. The host is always the one
    /// connected to: cameras behind address translation name one that only they can reach.
    /// </summary>
    /// <param name="baseUri">Content-Base, Content-Location or the request's own URI.</param>
    public string Resolve(string baseUri, string control)
    {
        if (control.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return Origin + control[EndOfAuthority(control)..];
        }

        var own = baseUri.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? Origin + baseUri[EndOfAuthority(baseUri)..] : Uri;
        if (control is "" or "*")
        {
            return own;
        }

        return own.EndsWith('/') || control[0] == '/' ? own.TrimEnd('/') + "/" + control.TrimStart('/') : $"{own}/{control}";
    }

    /// <summary>
    /// Every way in which a control attribute can be meant, the standard's first: cameras give a wrong Content-Base, or one with a
    /// query before or behind which the control belongs.
    /// </summary>
    public IReadOnlyList<string> ResolveAll(string baseUri, string control)
    {
        List<string> all = [Resolve(baseUri, control), Resolve(Uri, control)];
        foreach (var whole in (string[])[Resolve(baseUri, ""), Uri])
        {
            var query = whole.IndexOf('?', StringComparison.Ordinal);
            if (query > 0 && !control.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            {
                all.Add($"{whole[..query].TrimEnd('/')}/{control.TrimStart('/')}{whole[query..]}");
            }
        }

        return [.. all.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Never shows the password.</summary>
    public override string ToString() => Uri;

    private static int EndOfAuthority(string url)
    {
        var slash = url.AsSpan(Scheme.Length).IndexOfAny('/', '?');
        return slash < 0 ? url.Length : Scheme.Length + slash;
    }

    private static RtspCredentials ParseCredentials(string userInfo)
    {
        var colon = userInfo.IndexOf(':', StringComparison.Ordinal);
        return colon < 0
            ? new RtspCredentials(System.Uri.UnescapeDataString(userInfo), "")
            : new RtspCredentials(System.Uri.UnescapeDataString(userInfo[..colon]), System.Uri.UnescapeDataString(userInfo[(colon + 1)..]));
    }
}
