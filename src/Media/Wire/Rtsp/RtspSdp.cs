namespace Comms.Media.Wire.Rtsp;

/// <summary>
/// One media section of an RTSP session description, read leniently because cameras write broken SDP: unknown and
/// malformed lines are passed over. RFC 2326 annex C, RFC 4566, RFC 6184 §8.2.
/// </summary>
public sealed record RtspSdpMedia
{
    /// <summary>"video", "audio", "application".</summary>
    public required string Kind { get; init; }

    public required int PayloadType { get; init; }

    /// <summary>Encoding name of rtpmap in upper case: H264, H265, PCMA; empty when there is no rtpmap.</summary>
    public string Encoding { get; init; } = "";

    public int ClockRateHz { get; init; }

    /// <summary>a=control as written; empty when missing.</summary>
    public string Control { get; init; } = "";

    /// <summary>The value of fmtp behind the payload type; empty when missing.</summary>
    public string Format { get; init; } = "";

    /// <summary>One fmtp parameter, for example sprop-parameter-sets; null when missing.</summary>
    public string? FormatParameter(string name)
    {
        foreach (var part in Format.Split(';', StringSplitOptions.TrimEntries))
        {
            if (part.Length > name.Length && part[name.Length] == '=' && part.StartsWith(name, StringComparison.OrdinalIgnoreCase))
            {
                return part[(name.Length + 1)..];
            }
        }

        return null;
    }
}

/// <summary>Reads the media sections of a session description.</summary>
public static class RtspSdp
{
    private const int MaxSections = 16;

    public static IReadOnlyList<RtspSdpMedia> Parse(string sdp)
    {
        var sections = new List<RtspSdpMedia>();
        foreach (var raw in sdp.AsSpan().EnumerateLines())
        {
            var line = raw.Trim();
            if (line.StartsWith("m=", StringComparison.Ordinal))
            {
                if (sections.Count == MaxSections)
                {
                    break;
                }

                sections.Add(ReadMedia(line[2..].ToString()));
            }
            else if (sections.Count > 0 && line.StartsWith("a=", StringComparison.Ordinal))
            {
                sections[^1] = ReadAttribute(sections[^1], line[2..]);
            }
        }

        return [.. sections.Select(Repair)];
    }

    /// <summary>Names the encoding where the camera left it out: a static payload type, or parameters that only one codec has.</summary>
    private static RtspSdpMedia Repair(RtspSdpMedia media)
    {
        if (media.Encoding.Length > 0)
        {
            return media;
        }

        return (media.Kind, media.PayloadType) switch
        {
            ("audio", 0) => media with { Encoding = "PCMU", ClockRateHz = 8000 },
            ("audio", 8) => media with { Encoding = "PCMA", ClockRateHz = 8000 },
            ("video", 26) => media with { Encoding = "JPEG", ClockRateHz = 90_000 },
            ("video", 32) => media with { Encoding = "MPV", ClockRateHz = 90_000 },
            ("video", _) when media.FormatParameter("sprop-sps") is not null || media.FormatParameter("sprop-vps") is not null =>
                media with { Encoding = "H265", ClockRateHz = 90_000 },
            ("video", >= 96) => media with { Encoding = "H264", ClockRateHz = 90_000 },
            _ => media,
        };
    }

    private static RtspSdpMedia ReadMedia(string value)
    {
        var parts = value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var type = parts.Length > 1 && byte.TryParse(parts[Math.Min(3, parts.Length - 1)], out var number) && number < 128 ? number : -1;
        return new RtspSdpMedia { Kind = parts.Length > 0 ? parts[0].ToLowerInvariant() : "", PayloadType = type };
    }

    private static RtspSdpMedia ReadAttribute(RtspSdpMedia media, ReadOnlySpan<char> attribute)
    {
        if (attribute.StartsWith("control:", StringComparison.OrdinalIgnoreCase))
        {
            return media with { Control = attribute["control:".Length..].Trim().ToString() };
        }

        if (attribute.StartsWith("rtpmap:", StringComparison.OrdinalIgnoreCase))
        {
            return TryTakeValue(media, attribute["rtpmap:".Length..], out var map, out var type)
                ? WithMap(media.PayloadType >= 96 ? media : media with { PayloadType = type }, map)
                : media;
        }

        return attribute.StartsWith("fmtp:", StringComparison.OrdinalIgnoreCase)
            && TryTakeValue(media, attribute["fmtp:".Length..], out var format, out _)
                ? media with { Format = format }
                : media;
    }

    private static bool TryTakeValue(RtspSdpMedia media, ReadOnlySpan<char> text, out string value, out byte type)
    {
        value = "";
        type = 0;
        var space = text.IndexOf(' ');
        if (space < 0 || !byte.TryParse(text[..space], out type) || type > 127 || (type != media.PayloadType && IsOther(media, type)))
        {
            return false;
        }

        value = text[(space + 1)..].Trim().ToString();
        return true;
    }

    /// <summary>A dynamic type of a section that names none itself, or names it wrongly, is this section's own.</summary>
    private static bool IsOther(RtspSdpMedia media, byte type) => type < 96 || media.Encoding.Length > 0;

    private static RtspSdpMedia WithMap(RtspSdpMedia media, string map)
    {
        var parts = map.Split('/');
        var clock = parts.Length > 1 && int.TryParse(parts[1], out var hertz) ? hertz : 0;
        return media with { Encoding = parts[0].ToUpperInvariant(), ClockRateHz = clock };
    }
}
