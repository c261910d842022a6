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
}
