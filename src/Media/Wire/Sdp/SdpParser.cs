using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Comms.Media.Wire.Sdp;

/// <summary>
/// Reads a session description. RFC 8866 §5, tolerant where cameras and phones err: bare LF, any order of session lines, missing or
/// malformed o=, s= and t=, unknown lines. Strict where media would go astray: m= and c=.
/// </summary>
public static class SdpParser
{
    /// <summary>A browser's offer with a dozen sections is some 20 kB.</summary>
    public const int MaxBytes = 65_536;
    public const int MaxLineChars = 4_096;
    public const int MaxLines = 3_000;
    public const int MaxMediaSections = 64;

    /// <summary>Reads bytes as UTF-8; what is not UTF-8 becomes U+FFFD, since only free text may contain it.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, [NotNullWhen(true)] out SdpSession? session, out SdpError error)
    {
        session = null;
        error = SdpError.TooLong;
        return text.Length <= MaxBytes && TryParse(Encoding.UTF8.GetString(text), out session, out error);
    }

    public static bool TryParse(string text, [NotNullWhen(true)] out SdpSession? session, out SdpError error)
    {
        session = null;
        error = text.Length > MaxBytes ? SdpError.TooLong : SdpError.None;
        if (error != SdpError.None) return false;
        var draft = new SdpDraft();
        int lines = 0;
        foreach (var rawLine in text.AsSpan().EnumerateLines())
        {
            var line = rawLine.TrimEnd();
            if (line.IsEmpty) continue;
            error = Check(line, ++lines);
            if (error == SdpError.None && line.Length >= 2 && line[1] == '=') error = Read(draft, line[0], line[2..].ToString());
            if (error != SdpError.None) return false;
        }

        error = lines == 0 ? SdpError.NotSdp : SdpError.None;
        if (error == SdpError.None) session = draft.Build();
        return session is not null;
    }

    private static SdpError Check(ReadOnlySpan<char> line, int number)
    {
        if (line.Length > MaxLineChars) return SdpError.LineTooLong;
        if (number == 1 && line is not "v=0") return SdpError.NotSdp;
        return number > MaxLines ? SdpError.TooManyLines : SdpError.None;
    }

    private static SdpError Read(SdpDraft draft, char type, string value)
    {
        switch (type)
        {
            case 'o':
                if (TryReadOrigin(value, out var origin)) draft.Origin = origin;
                return SdpError.None;
            case 's':
                if (!draft.HasMedia) draft.Name = value;
                return SdpError.None;
            case 'c':
                if (!TryReadConnection(value, out var connection)) return SdpError.BadConnectionLine;
                draft.SetConnection(connection);
                return SdpError.None;
            case 'b':
                if (TryReadBandwidth(value, out var bandwidth)) draft.AddBandwidth(bandwidth);
                return SdpError.None;
            case 'a':
                draft.AddAttribute(ReadAttribute(value));
                return SdpError.None;
            case 'm':
                if (draft.MediaCount == MaxMediaSections) return SdpError.TooManyMediaSections;
                if (!TryReadMedia(value, out var media)) return SdpError.BadMediaLine;
                draft.BeginMedia(media);
                return SdpError.None;
            default:
                return SdpError.None;
        }
    }

    private static bool TryReadOrigin(string value, [NotNullWhen(true)] out SdpOrigin? origin)
    {
        string[] words = value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        origin = words.Length < 6 ? null : new SdpOrigin(words[0], words[1], words[2], words[4] == "IP6", words[5]);
        return origin is not null;
    }

    private static bool TryReadConnection(string value, out SdpConnection connection)
    {
        connection = default;
        string[] words = value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 3 || words[0] != "IN" || words[1] is not ("IP4" or "IP6")) return false;
        connection = new SdpConnection(words[1] == "IP6", words[2].Split('/')[0]);
        return connection.Address.Length > 0;
    }

    private static bool TryReadBandwidth(string value, out SdpBandwidth bandwidth)
    {
        bandwidth = default;
        int colon = value.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0) return false;
        if (!long.TryParse(value.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out long amount)) return false;
        bandwidth = new SdpBandwidth(value[..colon], amount);
        return true;
    }

    private static SdpAttribute ReadAttribute(string value)
    {
        int colon = value.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? new SdpAttribute(value) : new SdpAttribute(value[..colon], value[(colon + 1)..]);
    }

    private static bool TryReadMedia(string value, [NotNullWhen(true)] out SdpMedia? media)
    {
        media = null;
        string[] words = value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 4) return false;
        string[] port = words[1].Split('/');
        if (!SdpNumbers.TryPort(port[0], out int first)) return false;
        int count = 1;
        if (port.Length > 1 && !(SdpNumbers.TryPort(port[1], out count) && count > 0)) return false;
        media = new SdpMedia { Kind = words[0], Port = first, PortCount = count, Protocol = words[2], Formats = words[3..] };
        return true;
    }
}
