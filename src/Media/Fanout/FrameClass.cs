namespace Comms.Media.Fanout;

/// <summary>The frame-duration classes: how much audio a channel's packets towards browsers carry.</summary>
public static class FrameClass
{
    public const int StepMs = 20;
    public const int ShortestMs = 20;

    /// <summary>What one Opus packet may carry at the most. RFC 6716 §3.2.5.</summary>
    public const int LongestMs = 120;

    /// <summary>20, 40, 60, 80, 100, 120.</summary>
    public static IReadOnlyList<int> All { get; } = [.. Enumerable.Range(1, LongestMs / StepMs).Select(step => step * StepMs)];

    /// <summary>The longest class that is not longer than that, and at least the shortest.</summary>
    public static int Nearest(int frameMs) => Math.Clamp(frameMs / StepMs * StepMs, ShortestMs, LongestMs);
}
