namespace Comms.Media.Wire.Opus;

/// <summary>The table-of-contents byte that begins every Opus packet. RFC 6716 §3.1: config(5) s(1) c(2).</summary>
public readonly record struct OpusToc(byte Value)
{
    /// <summary>Opus RTP timestamps always count 48 kHz samples, whatever the audio bandwidth. RFC 7587 §4.1.</summary>
    public const int TicksPerSecond = 48_000;

    /// <summary>The longest audio one packet may carry: 120 ms. RFC 6716 §3.2.5.</summary>
    public const int MaxPacketTicks = 5_760;

    /// <summary>Mode, bandwidth and frame duration as one number, 0 to 31. RFC 6716 table 2.</summary>
    public int Configuration => Value >> 3;

    public bool IsStereo => (Value & 0x04) != 0;

    /// <summary>How frames are packed: 0 one, 1 two equal, 2 two different, 3 a counted number.</summary>
    public int FrameCountCode => Value & 0x03;

    public OpusMode Mode => Configuration switch
    {
        < 12 => OpusMode.Silk,
        < 16 => OpusMode.Hybrid,
        _ => OpusMode.Celt,
    };

    /// <summary>Duration of each frame of the packet in 48 kHz ticks: 120 (2.5 ms) to 2,880 (60 ms).</summary>
    public int FrameTicks => Mode switch
    {
        OpusMode.Silk => (Configuration & 0x03) switch { 0 => 480, 1 => 960, 2 => 1_920, _ => 2_880 },
        OpusMode.Hybrid => (Configuration & 0x01) == 0 ? 480 : 960,
        _ => 120 << (Configuration & 0x03),
    };
}

/// <summary>The coding layer of an Opus frame. RFC 6716 §2.</summary>
public enum OpusMode
{
    /// <summary>Linear prediction only; the only mode with in-band forward error correction besides hybrid.</summary>
    Silk,
    Hybrid,
    Celt,
}
