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
    /// <summary>Dispatchers and administrators supervise the channels they hear, everyone else those where its unit has the right.</summary>
    public bool Supervises(HubSession session, HubChannel channel) => Supervises(Directory, session, channel);

    public static bool Supervises(IDirectoryIndex directory, HubSession session, HubChannel channel) =>
        channel.Right == HubWords.Of(ChannelRight.Supervise)
        || (directory.FindAccount(session.AccountId) is { } account && Roles.Holds(account, AccountRole.Dispatcher));

    /// <summary>The cameras that are not idle and that the session's account may see.</summary>
    public IEnumerable<CameraStatus> CamerasOf(HubSession session) => Directory.FindAccount(session.AccountId) is { } account
        ? Cameras.GetBusy().Where(status => CamerasApi.Find(new Caller(account), status.CameraId, Directory) is not null)
        : [];
}
