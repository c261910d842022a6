namespace Comms.Media.Relay;

/// <summary>Which of a camera's two streams: as it came, or its shared conversion for viewers that cannot show it so.</summary>
internal readonly record struct FeedKey(string CameraId, bool IsConverted)
{
    public FeedKey Original => this with { IsConverted = false };

    public FeedKey Converted => this with { IsConverted = true };
}
