using Comms.Media.Numbers;

namespace Comms.Media.Node;

/// <summary>What a camera sends, learned from its stream.</summary>
public sealed record FeedDescription
{
    public required VideoCodec Codec { get; init; }

    public required int WidthPixels { get; init; }

    public required int HeightPixels { get; init; }

    /// <summary>Time between the two newest key frames; 0 while unknown.</summary>
    public int KeyFrameIntervalMs { get; init; }

    /// <summary>The sound that is passed on; null when there is none.</summary>
    public AudioCodec? Audio { get; init; }

    /// <summary>The source itself cannot be shown (its pictures are reordered): this is what the node makes of it.</summary>
    public bool IsConverted { get; init; }
}
