using System.Globalization;
using System.Text;

namespace Comms.Media.Wire.Sdp;

/// <summary>Writes a session description in the order and with the CRLF that RFC 8866 §5 asks for.</summary>
public static class SdpWriter
{
    /// <exception cref="ArgumentException">A value contains a line break, which would let it add lines of its own.</exception>
    public static string Write(SdpSession session)
    {
        var text = new StringBuilder(2048);
        var origin = session.Origin;
        Line(text, "v=0");
        Line(text, $"o={origin.Username} {origin.SessionId} {origin.Version} IN {Family(origin.IsIPv6)} {origin.Address}");
        Line(text, $"s={(session.Name.Length == 0 ? "-" : session.Name)}");
        WriteConnection(text, session.Connection);
        WriteBandwidths(text, session.Bandwidths);
        Line(text, "t=0 0");
        WriteAttributes(text, session.Attributes);
        foreach (var media in session.Media) WriteMedia(text, media);
        return text.ToString();
    }

    private static void WriteMedia(StringBuilder text, SdpMedia media)
    {
        string port = media.Port.ToString(CultureInfo.InvariantCulture);
        if (media.PortCount > 1) port += string.Create(CultureInfo.InvariantCulture, $"/{media.PortCount}");
        Line(text, $"m={media.Kind} {port} {media.Protocol} {string.Join(' ', media.Formats)}");
        WriteConnection(text, media.Connection);
        WriteBandwidths(text, media.Bandwidths);
        WriteAttributes(text, media.Attributes);
    }

    private static void WriteConnection(StringBuilder text, SdpConnection? connection)
    {
        if (connection is { } known) Line(text, $"c=IN {Family(known.IsIPv6)} {known.Address}");
    }

    private static void WriteBandwidths(StringBuilder text, IReadOnlyList<SdpBandwidth> bandwidths)
    {
        foreach (var bandwidth in bandwidths) Line(text, string.Create(CultureInfo.InvariantCulture, $"b={bandwidth.Type}:{bandwidth.Value}"));
    }

    private static void WriteAttributes(StringBuilder text, IReadOnlyList<SdpAttribute> attributes)
    {
        foreach (var attribute in attributes) Line(text, $"a={attribute}");
    }

    private static void Line(StringBuilder text, string line)
    {
        if (line.AsSpan().ContainsAny('\r', '\n')) throw new ArgumentException("A line break inside an SDP value.", nameof(line));
        text.Append(line).Append("\r\n");
    }

    private static string Family(bool isIPv6) => isIPv6 ? "IP6" : "IP4";
}
