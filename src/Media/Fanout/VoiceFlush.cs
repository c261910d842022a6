namespace Comms.Media.Fanout;

/// <summary>Why a packet towards listeners was closed. The names are metric labels.</summary>
public enum VoiceFlush
{
    /// <summary>It carries the audio that its class asks for, or the talker's packet did by itself.</summary>
    Full,

    /// <summary>The burst ended.</summary>
    End,

    /// <summary>Configuration, stereo bit or burst changed.</summary>
    Change,

    /// <summary>The talker's packets or timestamps are not contiguous, or a packet came late.</summary>
    Gap,

    /// <summary>A frame of discontinuous transmission: two bytes or less with its TOC byte.</summary>
    Dtx,

    /// <summary>One more frame would exceed 1,150 bytes.</summary>
    Bytes,

    /// <summary>The next frame did not come in time.</summary>
    Overdue,
}
