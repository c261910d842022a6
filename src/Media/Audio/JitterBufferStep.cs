using Comms.Media.Numbers;

namespace Comms.Media.Audio;

/// <summary>What a jitter buffer wants its decoder to do next.</summary>
public enum JitterBufferStepKind
{
    /// <summary>Nothing: the burst has not begun to play, or is over.</summary>
    Rest,

    /// <summary>Decode the payload.</summary>
    Decode,

    /// <summary>Invent <see cref="JitterBufferStep.Ticks"/> of audio; the payload, if any, is the packet right behind the loss.</summary>
    Conceal,
}

/// <summary>One step of playing. The payload is valid until the next packet is inserted.</summary>
public readonly ref struct JitterBufferStep
{
    public JitterBufferStepKind Kind { get; init; }

    public ReadOnlySpan<byte> Payload { get; init; }

    /// <summary>Audio to produce, in the stream's RTP clock.</summary>
    public int Ticks { get; init; }

    /// <summary>When the packet arrived.</summary>
    public Instant Captured { get; init; }
}
