using System.Globalization;

namespace Comms.Media.Wire.Sdp;

/// <summary>What a payload type means. RFC 8866 §6.6. <paramref name="Encoding"/> keeps its spelling; compare ignoring case.</summary>
public readonly record struct SdpRtpMap(byte PayloadType, string Encoding, int ClockRate, int Channels = 1)
{
    public bool Is(string encoding, int clockRate) =>
        ClockRate == clockRate && Encoding.Equals(encoding, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads "111 opus/48000/2". False: no number from 0 to 127, no encoding, or no positive clock rate.</summary>
    public static bool TryParse(string value, out SdpRtpMap map)
    {
        map = default;
        int space = value.IndexOf(' ', StringComparison.Ordinal);
        if (space <= 0 || !SdpNumbers.TryPayloadType(value.AsSpan(0, space), out byte payloadType)) return false;
        string[] parts = value[(space + 1)..].Trim().Split('/');
        if (parts.Length < 2 || parts[0].Length == 0) return false;
        if (!int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int clockRate) || clockRate == 0) return false;
        bool hasChannels = parts.Length > 2 && int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out _);
        int channels = hasChannels ? int.Parse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture) : 1;
        map = new SdpRtpMap(payloadType, parts[0], clockRate, channels);
        return true;
    }

    /// <summary>The static assignments that peers use without an rtpmap. RFC 3551 §6.</summary>
    public static bool TryStatic(byte payloadType, out SdpRtpMap map)
    {
        map = payloadType switch
        {
            0 => new(0, "PCMU", 8000),
            3 => new(3, "GSM", 8000),
            4 => new(4, "G723", 8000),
            8 => new(8, "PCMA", 8000),
            9 => new(9, "G722", 8000),
            13 => new(13, "CN", 8000),
            14 => new(14, "MPA", 90000),
            18 => new(18, "G729", 8000),
            26 => new(26, "JPEG", 90000),
            33 => new(33, "MP2T", 90000),
            _ => default,
        };
        return map.ClockRate != 0;
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{PayloadType} {Encoding}/{ClockRate}{(Channels > 1 ? $"/{Channels}" : "")}");
}
