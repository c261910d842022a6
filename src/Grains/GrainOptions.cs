using System.ComponentModel.DataAnnotations;

namespace Comms.Grains;

/// <summary>Time limits of the grains' soft state.</summary>
public sealed record GrainOptions
{
    /// <summary>A burst ends when its node has not renewed it for so long, in ms. Nodes renew every quarter of it.</summary>
    [Range(1000, 60_000)]
    public int FloorLeaseMs { get; init; } = 4000;

    /// <summary>A node's report (listeners, viewers, liveness) is forgotten after so long without another, in ms.</summary>
    [Range(1000, 120_000)]
    public int ReportExpiryMs { get; init; } = 15_000;

    /// <summary>A camera's feed goes on for so long after its last viewer, in ms: closing and opening a tile costs no reconnect.</summary>
    [Range(0, 600_000)]
    public int CameraGraceMs { get; init; } = 10_000;

    /// <summary>The same for a camera whose policy is to be kept warm, in ms.</summary>
    [Range(0, 86_400_000)]
    public int CameraWarmMs { get; init; } = 600_000;
}
