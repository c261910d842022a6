namespace Comms.Media.Wire.Sdp;

/// <summary>Why a text is not taken as a session description.</summary>
public enum SdpError
{
    None,

    /// <summary>Longer than <see cref="SdpParser.MaxBytes"/>.</summary>
    TooLong,

    /// <summary>A line is longer than <see cref="SdpParser.MaxLineChars"/>.</summary>
    LineTooLong,

    TooManyLines,
    TooManyMediaSections,

    /// <summary>The first line is not v=0.</summary>
    NotSdp,

    /// <summary>An m= line without kind, port, protocol or format, or with a port beyond 65535.</summary>
    BadMediaLine,

    /// <summary>A c= line that is not "IN IP4 address" or "IN IP6 address".</summary>
    BadConnectionLine,
}
