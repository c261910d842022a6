using System.Globalization;

namespace Comms.Media.Wire.Sdp;

/// <summary>One m= section. RFC 8866 §5.14. Attributes keep their order; what is typed below is read from them on demand.</summary>
public sealed record SdpMedia
{
    /// <summary>"audio", "video", "application", …</summary>
    public required string Kind { get; init; }

    /// <summary>0 rejects the section (RFC 3264 §6); 9 is WebRTC's placeholder.</summary>
    public required int Port { get; init; }

    /// <summary>Ports in the range, 1 unless "port/count" was written.</summary>
    public int PortCount { get; init; } = 1;

    /// <summary>"RTP/AVP", "UDP/TLS/RTP/SAVPF", …</summary>
    public required string Protocol { get; init; }

    /// <summary>Payload types in order of preference, or other words for protocols that are not RTP.</summary>
    public IReadOnlyList<string> Formats { get; init; } = [];

    public SdpConnection? Connection { get; init; }

    public IReadOnlyList<SdpBandwidth> Bandwidths { get; init; } = [];

    public IReadOnlyList<SdpAttribute> Attributes { get; init; } = [];

    public bool IsRejected => Port == 0;

    /// <summary>The identification tag. RFC 5888 §4.</summary>
    public string? Mid => Value("mid");

    public bool IsRtcpMux => Has("rtcp-mux");

    /// <summary>Packet duration asked for, in milliseconds; null when absent or senseless.</summary>
    public int? PtimeMs => Milliseconds("ptime");

    public int? MaxPtimeMs => Milliseconds("maxptime");

    public bool Has(string name) => Attributes.Any(attribute => attribute.Name == name);

    /// <summary>The value of the first attribute of that name, or null.</summary>
    public string? Value(string name)
    {
        foreach (var attribute in Attributes)
            if (attribute.Name == name && attribute.Value is not null) return attribute.Value;
        return null;
    }

    public IEnumerable<string> Values(string name) =>
        Attributes.Where(attribute => attribute.Name == name && attribute.Value is not null).Select(attribute => attribute.Value!);

    /// <summary>What each numeric format means, in order of preference; static payload types need no rtpmap, unknown ones are left out.</summary>
    public IReadOnlyList<SdpRtpMap> RtpMaps()
    {
        var named = new Dictionary<byte, SdpRtpMap>();
        foreach (string value in Values("rtpmap"))
            if (SdpRtpMap.TryParse(value, out var map)) named.TryAdd(map.PayloadType, map);
        var maps = new List<SdpRtpMap>(Formats.Count);
        foreach (string format in Formats)
        {
            if (!SdpNumbers.TryPayloadType(format, out byte payloadType)) continue;
            if (named.TryGetValue(payloadType, out var map) || SdpRtpMap.TryStatic(payloadType, out map)) maps.Add(map);
        }

        return maps;
    }

    /// <summary>The format parameters of a payload type; empty when there are none.</summary>
    public SdpFormatParameters FormatParameters(byte payloadType)
    {
        foreach (string value in Values("fmtp"))
        {
            int space = value.IndexOf(' ', StringComparison.Ordinal);
            if (space > 0 && SdpNumbers.TryPayloadType(value.AsSpan(0, space), out byte named) && named == payloadType)
                return new SdpFormatParameters(value[(space + 1)..]);
        }

        return SdpFormatParameters.Empty;
    }

    /// <summary>True when feedback such as "nack pli" is offered for the payload type or for all.</summary>
    public bool OffersFeedback(byte payloadType, string feedback) =>
        Feedback().Any(offered => offered.Feedback == feedback && (offered.PayloadType is null || offered.PayloadType == payloadType));

    public IEnumerable<SdpRtcpFeedback> Feedback()
    {
        foreach (string value in Values("rtcp-fb"))
        {
            int space = value.IndexOf(' ', StringComparison.Ordinal);
            if (space <= 0) continue;
            string feedback = value[(space + 1)..].Trim();
            if (space == 1 && value[0] == '*') yield return new(null, feedback);
            else if (SdpNumbers.TryPayloadType(value.AsSpan(0, space), out byte payloadType)) yield return new(payloadType, feedback);
        }
    }

    /// <summary>The synchronization sources that a=ssrc lines name, each once, in order. RFC 5576 §4.1.</summary>
    public IReadOnlyList<uint> Ssrcs()
    {
        var ssrcs = new List<uint>();
        foreach (string value in Values("ssrc"))
        {
            int space = value.IndexOf(' ', StringComparison.Ordinal);
            if (SdpNumbers.TryUInt32(space < 0 ? value : value.AsSpan(0, space), out uint ssrc) && !ssrcs.Contains(ssrc)) ssrcs.Add(ssrc);
        }

        return ssrcs;
    }

    private int? Milliseconds(string name)
    {
        // Some phones write "20.0"; RFC 8866 §6.4 asks for an integer.
        bool isNumber = double.TryParse(Value(name), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value);
        return isNumber && value is >= 1 and <= 1000 ? (int)value : null;
    }
}
