using Comms.Grains.Contracts;
using Comms.Signaling.Api;
using Comms.Signaling.Bridges;
using Comms.Signaling.Hosting;
using Comms.Signaling.Security;

namespace Comms.Signaling.Realtime;

/// <summary>What the hub hands calls on to.</summary>
public sealed record HubParts(
    IDirectoryIndex Directory,
    IFloorBridge Floors,
    ICameraBridge Cameras,
    AccessTokens Tokens,
    NodePresence Presence,
    HubSender Sender,
    ServerInstance Instance)
{
    /// <summary>The cameras that are not idle and that the session's account may see.</summary>
    public IEnumerable<CameraStatus> CamerasOf(HubSession session) => Directory.FindAccount(session.AccountId) is { } account
        ? Cameras.GetBusy().Where(status => CamerasApi.Find(new Caller(account), status.CameraId, Directory) is not null)
        : [];
}
