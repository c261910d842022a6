using Comms.Grains.Contracts;
using Comms.Media.Numbers;

namespace Comms.Signaling.Bridges;

/// <summary>
/// One click on a camera, for every road: attaches the session as a viewer with the camera's grain, which starts the
/// feed where it is needed, and shows the picture on the session. WHEP and the hub use it alike.
/// </summary>
public interface ICameraBridge
{
    /// <summary>
    /// Shows a profile of a camera on a session's video section, instead of any other it shows; main where there is no sub.
    /// NotFound when there is no such camera or the session has ended.
    /// </summary>
    Task<CameraViewReply> ViewAsync(SessionId session, string cameraId, CameraProfile profile, Actor actor);

    /// <summary>Stops showing; harmless when nothing is shown. The end of the session does the same by itself.</summary>
    Task StopViewingAsync(SessionId session);

    /// <summary>How a camera is, as this node knows it; idle when nothing was heard of it.</summary>
    CameraStatus GetStatus(string cameraId);

    /// <summary>Every camera that is not idle.</summary>
    IReadOnlyList<CameraStatus> GetBusy();

    /// <summary>A camera's status changed anywhere; handlers only enqueue.</summary>
    event Action<CameraStatus>? StatusChanged;
}
