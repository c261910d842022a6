using System.ComponentModel.DataAnnotations;

namespace Comms.Signaling.Hosting;

/// <summary>Section "Demo": the town that a first start seeds.</summary>
public sealed record DemoOptions
{
    /// <summary>Seed the demo town when the store has no account yet. "--empty" is the same as false.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Program that serves the demo cameras (a .dll or an executable), started and watched by the server; empty starts none.</summary>
    public string CameraSimulator { get; init; } = "";

    /// <summary>TCP port of that program on 127.0.0.1; 0 takes a free one.</summary>
    [Range(0, 65535)]
    public int CameraPort { get; init; } = 18554;

    /// <summary>Folder where that program keeps its encoded pictures; empty is DATA/cache/camera-clips.</summary>
    public string CameraCache { get; init; } = "";

    /// <summary>Address of the demo cameras, which are named 1 to 8 below it; empty uses the simulator's.</summary>
    public string CameraBaseUrl { get; init; } = "";
}
