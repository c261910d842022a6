using Comms.Grains.Contracts;
using Comms.Signaling.Bridges;
using Comms.Signaling.Security;
using Comms.Signaling.WebRtc;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.SignalR;

namespace Comms.Signaling.Realtime;

/// <summary>The one hub: checks, hands on, answers. Every call passes <see cref="HubGate"/> first.</summary>
[Authorize(Roles.Any)]
public sealed class CommsHub(HubParts parts, HubSessions sessions, ChannelLists channels, VoiceSessions voices, TimeProvider time) : Hub<IHubClient>, IHubServer
{
    public const int ProtocolVersion = 1;

    private const int PageNameMax = 32;

    public async Task<ServerHello> Hello(ClientHello hello)
    {
        if (sessions.Find(Context.ConnectionId) is not null) throw new HubException("Hello was said before.");
        var identity = (AccountIdentity)Context.User!.Identity!;
        AccountDefinition account = identity.Caller.Account;
        IHubLink link = Context.Features.GetRequiredFeature<IHubLink>();
        var session = new HubSession(Context.ConnectionId, link, identity) { Page = Shortened(hello.Page) };
        if (hello.ProtocolVersion != ProtocolVersion)
        {
            await parts.Sender.CloseAsync(session, "protocolVersion");
            throw new HubException($"This server speaks protocol version {ProtocolVersion}.");
        }

        sessions.Add(session);
        parts.Presence.Connected(session.UnitId);
        var unit = HubWords.Unit(parts.Directory.FindUnit(account.UnitId));
        return new ServerHello(
            ProtocolVersion,
            parts.Instance.Id,
            time.GetUtcNow().ToUnixTimeMilliseconds(),
            new HubAccount(account.Id, account.DisplayName, Roles.Word(account.Role), unit),
            await channels.OpenAsync(session, account));
    }

    public async Task<bool> Renew(string accessToken)
    {
        HubSession session = Session();
        if (await parts.Tokens.VerifyAsync(accessToken) is not { } fresh || fresh.Caller.Account.Id != session.AccountId) return false;
        session.Renew(fresh);
        return true;
    }

    public Task<VoiceAnswer> OpenVoice(VoiceOffer offer) => voices.OpenAsync(Session(), offer.Sdp);

    public Task CloseVoice() => voices.CloseAsync(Session());

    public async Task<HubJoinReply> Join(string channelId, int slot)
    {
        HubSession session = Session();
        if (session.Party(channelId) is not { } party || !IsSlot(slot) || parts.Directory.FindChannel(channelId) is null)
            return new HubJoinReply(HubWords.None, null);
        JoinReply reply = await parts.Floors.JoinAsync(party, slot);
        return new HubJoinReply(HubWords.Of(reply.Right), reply.Floor is { } floor ? HubWords.Floor(floor) : null);
    }

    public async Task Leave(string channelId, int slot)
    {
        if (Session().Party(channelId) is { } party && IsSlot(slot)) await parts.Floors.LeaveAsync(party, slot);
    }

    public async Task<HubFloorReply> RequestFloor(string channelId)
    {
        if (Session().Party(channelId) is not { } party) return HubWords.Deny(HubWords.NoVoiceSession);
        if (parts.Directory.FindChannel(channelId) is null) return HubWords.Deny(HubWords.Of(FloorDenyCause.NotMember));
        return HubWords.Reply(await parts.Floors.PressAsync(party));
    }

    public async Task ReleaseFloor(string channelId)
    {
        if (Session().Party(channelId) is { } party) await parts.Floors.ReleaseAsync(party, FloorReleaseCause.Released);
    }

    public Task<string> MoveQueued(string channelId, long requestId, int position) =>
        ArbitrateAsync(channelId, FloorOrderKind.Move, requestId, position);

    public Task<string> RemoveQueued(string channelId, long requestId) => ArbitrateAsync(channelId, FloorOrderKind.Remove, requestId, 0);

    public Task<string> PreemptFloor(string channelId, long requestId) => ArbitrateAsync(channelId, FloorOrderKind.Preempt, requestId, 0);

    public Task<string> RaiseEmergency(string channelId) => SetEmergencyAsync(channelId, Session().UnitId, isActive: true);

    public Task<string> CancelEmergency(string channelId, string unitId) => SetEmergencyAsync(channelId, unitId, isActive: false);

    public Task<HubFloorQueue[]> WatchQueues(bool watch)
    {
        HubSession session = Session();
        session.WatchesQueues = watch;
        HubFloorQueue[] queues = !watch ? [] :
        [
            .. session.Channels.Where(channel => parts.Supervises(session, channel))
                .Select(channel => parts.Floors.GetFloor(channel.Id)).OfType<FloorState>().Select(HubWords.Queue),
        ];
        return Task.FromResult(queues);
    }

    public Task<HubCamera[]> WatchCameras(bool watch)
    {
        HubSession session = Session();
        bool mayWatch = parts.Directory.FindAccount(session.AccountId) is { } account && Roles.Holds(account, AccountRole.Dispatcher);
        session.WatchesCameras = watch && mayWatch;
        HubCamera[] busy = session.WatchesCameras ? [.. parts.CamerasOf(session).Select(HubWords.Camera)] : [];
        return Task.FromResult(busy);
    }

    public override async Task OnDisconnectedAsync(Exception? exception)
    {
        if (sessions.Remove(Context.ConnectionId) is { } session)
        {
            session.End();
            await voices.CloseAsync(session);
            await sessions.SetChannelsAsync(session, []);
            parts.Presence.Disconnected(session.UnitId);
        }

        await base.OnDisconnectedAsync(exception);
    }

    private HubSession Session() => sessions.Find(Context.ConnectionId) ?? throw new HubException("Hello must come first.");

    // Orders about channels that nobody made would make their grains.
    private async Task<string> ArbitrateAsync(string channelId, FloorOrderKind kind, long requestId, int position) =>
        parts.Directory.FindChannel(channelId) is null
            ? HubWords.Of(OutcomeCode.NotFound)
            : HubWords.Of(await parts.Floors.ArbitrateAsync(channelId, new FloorOrder(kind, requestId, position, Session().Actor)));

    private async Task<string> SetEmergencyAsync(string channelId, string unitId, bool isActive) =>
        parts.Directory.FindChannel(channelId) is null
            ? HubWords.Of(OutcomeCode.NotFound)
            : HubWords.Of(await parts.Floors.SetEmergencyAsync(channelId, unitId, isActive, Session().Actor));

    private static bool IsSlot(int slot) => slot is >= 0 and < OfferAnswer.MaxAudioSlots;

    private static string Shortened(string page) => page.Length <= PageNameMax ? page : page[..PageNameMax];
}
