using Comms.Grains.Contracts;

namespace Comms.Grains.Cameras;

/// <summary>Stored part of a camera. The sources are sealed, because a URL and a password open the camera to anyone.</summary>
[GenerateSerializer, Alias("comms.CameraState")]
public sealed class CameraState
{
    [Id(0)]
    public CameraDefinition? Definition { get; set; }

    /// <summary>The main source.</summary>
    [Id(1)]
    public byte[] SealedSource { get; set; } = [];

    /// <summary>Empty when there is none.</summary>
    [Id(2)]
    public byte[] SealedSub { get; set; } = [];

    [Id(3)]
    public CameraHealth Health { get; set; } = CameraHealth.Unknown;

    /// <summary>Null until a picture was taken in.</summary>
    [Id(4)]
    public CameraFacts? Facts { get; set; }

    public CameraState With(CameraHealth health, CameraFacts? facts) => new()
    {
        Definition = Definition, SealedSource = SealedSource, SealedSub = SealedSub, Health = health, Facts = facts,
    };
}
