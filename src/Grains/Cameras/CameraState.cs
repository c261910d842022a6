using Comms.Grains.Contracts;

namespace Comms.Grains.Cameras;

/// <summary>Stored part of a camera. The source is sealed, because its URL and password open the camera to anyone.</summary>
[GenerateSerializer, Alias("comms.CameraState")]
public sealed class CameraState
{
    [Id(0)]
    public CameraDefinition? Definition { get; set; }

    [Id(1)]
    public byte[] SealedSource { get; set; } = [];
}
