using Comms.Grains.Contracts;

namespace Comms.Signaling.Bridges;

/// <summary>One profile of a camera, and its name in media: the camera's id, or "id/sub". An id has no slash.</summary>
internal readonly record struct FeedName(string CameraId, CameraProfile Profile)
{
    private const string SubMark = "/sub";

    public static FeedName Parse(string name) => name.EndsWith(SubMark, StringComparison.Ordinal)
        ? new FeedName(name[..^SubMark.Length], CameraProfile.Sub)
        : new FeedName(name, CameraProfile.Main);

    public override string ToString() => Profile == CameraProfile.Sub ? CameraId + SubMark : CameraId;
}
