namespace Comms.Media.Node;

/// <summary>What a node takes in: cameras, those that an ffmpeg decodes and codes anew, and their bytes so far.</summary>
public readonly record struct FeedLoad(int Pulls, int Transcodes, long BytesTakenIn)
{
    public static FeedLoad operator +(FeedLoad one, FeedLoad other) =>
        new(one.Pulls + other.Pulls, one.Transcodes + other.Transcodes, one.BytesTakenIn + other.BytesTakenIn);
}
