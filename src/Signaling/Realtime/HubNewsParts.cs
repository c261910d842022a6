using Comms.Grains.Contracts;
using Comms.Signaling.Api;
using Comms.Signaling.Bridges;
using Comms.Signaling.Security;

namespace Comms.Signaling.Realtime;

/// <summary>Where news comes from, and what is asked about it.</summary>
public sealed record HubNewsParts(
    IFloorBridge Floors,
    ICameraBridge Cameras,
    IDirectoryIndex Directory,
    IMediaEvents Media,
    ChannelLists Lists,
    FloorFanout Fanout,
    QueueNews Queues)
{
    public bool MaySee(HubSession session, string cameraId) =>
        Directory.FindAccount(session.AccountId) is { } account && CamerasApi.Find(new Caller(account), cameraId, Directory) is not null;

    /// <summary>Closes the session of an account that signed out, no longer counts or stands for another unit; else brings its list up to date.</summary>
    public async Task CheckAsync(HubSession session, HubSender sender)
    {
        AccountDefinition? account = Directory.FindAccount(session.AccountId);
        if (account is not null && MayStay(session, account))
            await Lists.RefreshAsync(session, account);
        else if (session.TryBeginClosing())
            _ = sender.CloseAsync(session, "signedOut");
    }

    private static bool MayStay(HubSession session, AccountDefinition account) =>
        account.UnitId == session.UnitId
        && Roles.Holds(account, AccountRole.Responder)
        && !AccessTokens.IsSignedOut(account, session.TokenIssuedAt);
}
