namespace Comms.Media.Audio;

/// <summary>Bounds of a jitter buffer.</summary>
public sealed record JitterBufferSettings
{
    /// <summary>The stream's RTP clock: 48,000 for Opus, 8,000 for G.711.</summary>
    public required int TicksPerSecond { get; init; }

    /// <summary>The longest payload taken; what every slot reserves.</summary>
    public required int MaxPayloadBytes { get; init; }

    /// <summary>Delay wanted before anything was measured.</summary>
    public int InitialTargetMs { get; init; } = 40;

    public int MinTargetMs { get; init; } = 20;

    /// <summary>Packets later than this are lost: a talk burst is a conversation, and mouth to ear has 300 ms in all.</summary>
    public int MaxTargetMs { get; init; } = 200;

    /// <summary>Packets held at once. Speech kept before a grant arrives as up to 500 ms at one moment.</summary>
    public int Slots { get; init; } = 64;
}
