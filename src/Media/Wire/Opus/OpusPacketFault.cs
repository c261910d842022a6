namespace Comms.Media.Wire.Opus;

/// <summary>Why bytes are no Opus packet. The requirements R1 to R7 are those of RFC 6716 §3.4.</summary>
public enum OpusPacketFault
{
    None,

    /// <summary>R1: there is no TOC byte.</summary>
    Empty,

    /// <summary>R2: a frame is longer than 1,275 bytes.</summary>
    FrameTooLong,

    /// <summary>R3: a code 1 packet whose two frames cannot have equal lengths.</summary>
    UnequalPair,

    /// <summary>R4: a code 2 packet ends inside the first frame's length.</summary>
    PairLengthTruncated,

    /// <summary>R4: the first frame of a code 2 packet is longer than the packet.</summary>
    PairLengthOverruns,

    /// <summary>R6, R7: a code 3 packet ends before its frame count byte.</summary>
    CountMissing,

    /// <summary>R5: a code 3 packet with zero frames.</summary>
    NoFrames,

    /// <summary>R5: more than 120 ms of audio.</summary>
    TooMuchAudio,

    /// <summary>R6, R7: a code 3 packet ends inside its padding length.</summary>
    PaddingLengthTruncated,

    /// <summary>R6, R7: the padding is longer than the packet.</summary>
    PaddingOverruns,

    /// <summary>R6: the bytes of a constant-bitrate code 3 packet do not divide by its frame count.</summary>
    UnevenFrames,

    /// <summary>R7: a variable-bitrate code 3 packet ends inside a frame length.</summary>
    FrameLengthTruncated,

    /// <summary>R7: the frames of a variable-bitrate code 3 packet are longer than the packet.</summary>
    FramesOverrun,
}
