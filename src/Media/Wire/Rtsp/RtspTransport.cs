using System.Globalization;

namespace Comms.Media.Wire.Rtsp;

/// <summary>One alternative of a Transport header. RFC 2326 §12.39.</summary>
public readonly record struct RtspTransport
{
    /// <summary>RTP over this RTSP connection rather than over UDP.</summary>
    public required bool IsInterleaved { get; init; }

    /// <summary>The RTP channel; RTCP has the next one. -1 when the request names none.</summary>
    public required int RtpChannel { get; init; }

    public required int RtcpChannel { get; init; }

    /// <summary>mode=record: the client sends. Otherwise it plays.</summary>
    public required bool IsRecord { get; init; }

    /// <summary>The client's UDP ports for RTP and RTCP; 0 when the header names none.</summary>
    public (int Rtp, int Rtcp) ClientPorts { get; init; }

    public (int Rtp, int Rtcp) ServerPorts { get; init; }

    /// <summary>The address that the server sends from, when it names one; otherwise empty.</summary>
    public string Source { get; init; }

    /// <summary>Reads the first alternative that is interleaved; else the first that is understood.</summary>
    public static bool TryParse(string? header, out RtspTransport transport)
    {
        transport = default;
        var isFound = false;
        foreach (var alternative in (header ?? "").Split(','))
        {
            if (!TryParseOne(alternative, out var candidate))
            {
                continue;
            }

            if (candidate.IsInterleaved)
            {
                transport = candidate;
                return true;
            }

            transport = isFound ? transport : candidate;
            isFound = true;
        }

        return isFound;
    }

    /// <summary>The header value of an accepting answer.</summary>
    public override string ToString() => IsInterleaved
        ? string.Create(CultureInfo.InvariantCulture, $"RTP/AVP/TCP;unicast;interleaved={RtpChannel}-{RtcpChannel}{(IsRecord ? ";mode=record" : "")}")
        : string.Create(
            CultureInfo.InvariantCulture,
            $"RTP/AVP;unicast;client_port={ClientPorts.Rtp}-{ClientPorts.Rtcp};server_port={ServerPorts.Rtp}-{ServerPorts.Rtcp}");

    private static bool TryParseOne(string text, out RtspTransport transport)
    {
        transport = default;
        var parts = text.Split(';', StringSplitOptions.TrimEntries);
        if (!parts[0].StartsWith("RTP/AVP", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var isTcp = parts[0].EndsWith("/TCP", StringComparison.OrdinalIgnoreCase);
        var rtp = -1;
        var rtcp = -1;
        var isRecord = false;
        (int, int) client = default;
        (int, int) server = default;
        var source = "";
        foreach (var part in parts.AsSpan(1))
        {
            if (part.StartsWith("source=", StringComparison.OrdinalIgnoreCase))
            {
                source = part["source=".Length..];
            }

            if (!TryParsePorts(part, "client_port=", ref client) || !TryParsePorts(part, "server_port=", ref server))
            {
                return false;
            }

            if (part.StartsWith("interleaved=", StringComparison.OrdinalIgnoreCase))
            {
                if (!TryParseChannels(part.AsSpan("interleaved=".Length), out rtp, out rtcp))
                {
                    return false;
                }
            }
            else if (part.StartsWith("mode=", StringComparison.OrdinalIgnoreCase))
            {
                var mode = part.AsSpan("mode=".Length).Trim('"');
                isRecord = mode.Equals("record", StringComparison.OrdinalIgnoreCase)
                    || mode.Equals("receive", StringComparison.OrdinalIgnoreCase);
            }
        }

        transport = new RtspTransport
        {
            IsInterleaved = isTcp,
            RtpChannel = rtp,
            RtcpChannel = rtcp,
            IsRecord = isRecord,
            ClientPorts = client,
            ServerPorts = server,
            Source = source,
        };
        return true;
    }

    /// <summary>client_port=5000-5001 or client_port=5000. False: the parameter is of that name but no pair of ports.</summary>
    private static bool TryParsePorts(string part, string name, ref (int Rtp, int Rtcp) ports)
    {
        if (!part.StartsWith(name, StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        var text = part.AsSpan(name.Length);
        var dash = text.IndexOf('-');
        if (!ushort.TryParse(dash < 0 ? text : text[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out var rtp) || rtp == 0)
        {
            return false;
        }

        ushort rtcp = 0;
        ports = (rtp, rtp + 1);
        if (dash >= 0 && ushort.TryParse(text[(dash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out rtcp))
        {
            ports = (rtp, rtcp);
        }

        return true;
    }

    private static bool TryParseChannels(ReadOnlySpan<char> text, out int rtp, out int rtcp)
    {
        rtp = rtcp = -1;
        var dash = text.IndexOf('-');
        if (!byte.TryParse(dash < 0 ? text : text[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out var first))
        {
            return false;
        }

        rtp = first;
        rtcp = first + 1;
        if (dash >= 0)
        {
            if (!byte.TryParse(text[(dash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var second))
            {
                return false;
            }

            rtcp = second;
        }

        return true;
    }
}
