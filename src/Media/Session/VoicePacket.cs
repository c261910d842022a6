namespace Comms.Media.Session;

/// <summary>One Opus packet on its way into a session's slot, numbered by its source: the channel's line. Valid during the call only.</summary>
public readonly ref struct VoicePacket
{
    public ushort Sequence { get; init; }

    /// <summary>48 kHz ticks.</summary>
    public uint Timestamp { get; init; }

    public bool Marker { get; init; }

    /// <summary>Audio in the packet, in 48 kHz ticks.</summary>
    public int Ticks { get; init; }

    public ReadOnlySpan<byte> Payload { get; init; }

    /// <summary>
    /// The packet before, for a listener that loses many. Empty with <see cref="PreviousTicks"/> set: it was there when this packet
    /// was made and is kept no longer.
    /// </summary>
    public ReadOnlySpan<byte> Previous { get; init; }

    /// <summary>So much earlier began the packet before, in 48 kHz ticks; 0 when there is none to go with this one.</summary>
    public int PreviousTicks { get; init; }
}
