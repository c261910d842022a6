namespace Comms.Media.Numbers;

/// <summary>Video codecs that are passed on as they come.</summary>
public enum VideoCodec
{
    H264,
    H265,
}

/// <summary>Audio codecs of cameras that are passed on as they come.</summary>
public enum AudioCodec
{
    /// <summary>G.711 µ-law, 8 kHz.</summary>
    Pcmu,

    /// <summary>G.711 A-law, 8 kHz.</summary>
    Pcma,

    /// <summary>48 kHz RTP clock, RFC 7587.</summary>
    Opus,
}
