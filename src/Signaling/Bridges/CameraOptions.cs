using System.ComponentModel.DataAnnotations;

namespace Comms.Signaling.Bridges;

/// <summary>What this node does with cameras, and how much of it.</summary>
public sealed record CameraOptions
{
    /// <summary>Every camera without a running feed is asked for a sign of life once in so many seconds; 0 asks none.</summary>
    [Range(0, 86_400)]
    public int ProbeSeconds { get; init; } = 60;

    /// <summary>A camera that did not answer is asked again after so many seconds, and is offline when that fails too.</summary>
    [Range(1, 3600)]
    public int ProbeAgainSeconds { get; init; } = 10;

    /// <summary>A picture whose key frames are further apart than this many seconds counts as degraded: it takes so long to appear.</summary>
    [Range(2, 600)]
    public int LongKeyFrameSeconds { get; init; } = 10;

    /// <summary>Once in so many seconds this node looks which cameras that are always on are its share.</summary>
    [Range(1, 3600)]
    public int KeepSeconds { get; init; } = 10;

    /// <summary>Cameras taken in at once by this node; above it a view is refused with 503. The reference machine carries 10,000 of 128 kbit/s.</summary>
    [Range(1, 1_000_000)]
    public int MaxPulls { get; init; } = 10_000;

    /// <summary>Cameras that ffmpeg decodes and codes anew at once on this node; a quarter of a core each for 1080p at 25 pictures a second.</summary>
    [Range(0, 10_000)]
    public int MaxTranscodes { get; init; } = 8;

    /// <summary>Megabits per second taken in from cameras by this node; above it no further camera is. One core carries some 1,500 streams of 1 Mbit/s.</summary>
    [Range(1, 1_000_000)]
    public int MaxMegabitsPerSecond { get; init; } = 2_000;

    /// <summary>The sites whose cameras this node reaches, ids separated by commas; empty reaches all.</summary>
    public string Sites { get; init; } = "";

    /// <summary>Largest CSV file of an import, in bytes; 12,000 cameras take some 3 MB.</summary>
    [Range(1024, 256 * 1024 * 1024)]
    public int MaxImportBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>The sites by themselves; none means all.</summary>
    internal IReadOnlyList<string> SiteList => Sites.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
