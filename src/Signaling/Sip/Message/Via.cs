using System.Net;
using System.Text;

namespace Comms.Signaling.Sip.Message;

/// <summary>One hop's Via value. RFC 3261 §20.42, RFC 3581 for <c>rport</c>. Immutable.</summary>
public sealed record Via(string Transport, string Host, int Port)
{
    /// <summary>What every branch of RFC 3261 begins with (§8.1.1.7).</summary>
    public const string MagicCookie = "z9hG4bK";

    public SipParameters Parameters { get; init; } = SipParameters.Empty;

    public string? Branch => Parameters["branch"];

    /// <summary>True when the branch alone identifies the transaction; a bare cookie does not (RFC 4475, badbranch).</summary>
    public bool HasRfc3261Branch =>
        Branch is { } branch && branch.Length > MagicCookie.Length && branch.StartsWith(MagicCookie, StringComparison.OrdinalIgnoreCase);

    /// <summary>The sender asked for the reply to come back to the port it sent from.</summary>
    public bool WantsRport => Parameters.Contains("rport");

    /// <summary>host[:port] without case differences, for transaction matching.</summary>
    public string SentBy => Port == 0 ? Host.ToLowerInvariant() : $"{Host.ToLowerInvariant()}:{Port}";

    /// <summary>Adds where the packet really came from. RFC 3261 §18.2.1, RFC 3581 §4.</summary>
    public Via WithSource(IPEndPoint source)
    {
        var address = source.Address.IsIPv4MappedToIPv6 ? source.Address.MapToIPv4() : source.Address;
        var parameters = Parameters;
        if (WantsRport || Host != address.ToString())
        {
            parameters = parameters.With("received", address.ToString());
        }

        if (WantsRport)
        {
            parameters = parameters.With("rport", source.Port.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        return this with { Parameters = parameters };
    }

    /// <summary>False: protocol other than SIP/2.0, bad sent-by or parameters.</summary>
    public static bool TryParse(string value, out Via via)
    {
        via = Nowhere;
        var text = value.AsSpan().Trim();
        if (!TakeProtocol(ref text, out var transport))
        {
            return false;
        }

        var semicolon = text.IndexOf(';');
        if (!SipText.TryParseHostPort(semicolon < 0 ? text : text[..semicolon], out var host, out var port)
            || !SipParameters.TryParse(semicolon < 0 ? default : text[semicolon..], out var parameters))
        {
            return false;
        }

        via = new Via(transport, host, port) { Parameters = parameters };
        return true;
    }

    public override string ToString()
    {
        var text = new StringBuilder(96).Append("SIP/2.0/").Append(Transport).Append(' ').Append(Host);
        if (Port != 0)
        {
            text.Append(':').Append(Port);
        }

        Parameters.WriteTo(text);
        return text.ToString();
    }

    private static readonly Via Nowhere = new("UDP", "invalid", 0);

    private static bool TakeProtocol(ref ReadOnlySpan<char> text, out string transport)
    {
        transport = "";
        var first = text.IndexOf('/');
        if (first < 0 || !text[..first].Trim().Equals("SIP", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        text = text[(first + 1)..];
        var second = text.IndexOf('/');
        if (second < 0 || !text[..second].Trim().SequenceEqual("2.0"))
        {
            return false;
        }

        text = text[(second + 1)..].TrimStart();
        var end = text.IndexOfAny(' ', '\t');
        if (end <= 0 || !SipText.IsToken(text[..end]))
        {
            return false;
        }

        transport = text[..end].ToString().ToUpperInvariant();
        text = text[end..].TrimStart();
        return true;
    }
}
