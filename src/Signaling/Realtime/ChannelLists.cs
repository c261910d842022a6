using Comms.Grains.Contracts;
using Comms.Signaling.Bridges;
using Comms.Signaling.Security;

namespace Comms.Signaling.Realtime;

/// <summary>The channel list of a connection, with each floor as this node knows it.</summary>
public sealed class ChannelLists(ChannelAccess access, IFloorBridge floors, HubSessions sessions, HubSender sender)
{
    /// <summary>Makes the first list: watches its channels, so that the floors in it are known.</summary>
    public async Task<HubChannel[]> OpenAsync(HubSession session, AccountDefinition account)
    {
        await sessions.SetChannelsAsync(session, Make(account));
        return session.Channels = Make(account);
    }

    /// <summary>Sends the list again when a channel or a right in it changed.</summary>
    public async Task RefreshAsync(HubSession session, AccountDefinition account)
    {
        HubChannel[] fresh = Make(account);
        if (fresh.Select(WithoutFloor).SequenceEqual(session.Channels.Select(WithoutFloor))) return;
        await sessions.SetChannelsAsync(session, fresh);
        session.Outbox.Put(session.Channels = Make(account));
        sender.Send(session);
    }

    private HubChannel[] Make(AccountDefinition account) =>
    [
        .. access.List(account).Select(item => new HubChannel(
            item.Channel.Id,
            item.Channel.NameZh,
            item.Channel.NameEn,
            item.Channel.Number,
            HubWords.Of(item.Channel.Kind),
            HubWords.Of(item.Right),
            floors.GetFloor(item.Channel.Id) is { } floor ? HubWords.Floor(floor) : HubWords.UnknownFloor(item.Channel.Id))),
    ];

    private static HubChannel WithoutFloor(HubChannel channel) => channel with { Floor = HubWords.UnknownFloor(channel.Id) };
}
