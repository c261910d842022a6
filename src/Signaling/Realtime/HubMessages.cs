using MessagePack;

namespace Comms.Signaling.Realtime;

// The hub's wire, protocol version 1. web-client/src/protocol/hub.ts is generated from these records by HubTypes;
// keys are the wire's camelCase names, enums travel as their camelCase words, times as milliseconds since 1970 (UTC).

/// <summary>First call of every connection. The server answers with <see cref="ServerHello"/> or closes with a reason.</summary>
[MessagePackObject]
public sealed record ClientHello(
    [property: Key("protocolVersion")] int ProtocolVersion,
    [property: Key("page")] string Page);

/// <summary>Who you are and which server this is. A new instance means: make a new peer connection.</summary>
[MessagePackObject]
public sealed record ServerHello(
    [property: Key("protocolVersion")] int ProtocolVersion,
    [property: Key("serverInstance")] string ServerInstance,
    [property: Key("serverTimeMs")] long ServerTimeMs,
    [property: Key("account")] HubAccount Account,
    [property: Key("channels")] IReadOnlyList<HubChannel> Channels);

/// <summary>The signed-in account and its unit.</summary>
[MessagePackObject]
public sealed record HubAccount(
    [property: Key("id")] string Id,
    [property: Key("displayName")] string DisplayName,
    [property: Key("role")] string Role,
    [property: Key("unit")] HubUnit? Unit);

/// <summary>A unit as shown to others.</summary>
[MessagePackObject]
public sealed record HubUnit(
    [property: Key("id")] string Id,
    [property: Key("callSign")] string CallSign,
    [property: Key("nameZh")] string NameZh,
    [property: Key("nameEn")] string NameEn,
    [property: Key("service")] string Service);

/// <summary>A channel this account may at least listen to, with what it may do there: "listen", "talk" or "supervise".</summary>
[MessagePackObject]
public sealed record HubChannel(
    [property: Key("id")] string Id,
    [property: Key("nameZh")] string NameZh,
    [property: Key("nameEn")] string NameEn,
    [property: Key("number")] string Number,
    [property: Key("kind")] string Kind,
    [property: Key("right")] string Right,
    [property: Key("floor")] HubFloor Floor);

/// <summary>
/// The floor of one channel. Snapshots: the newest epoch replaces all older ones. Floor Taken is a talker with a burst
/// id; Floor Idle is no talker. EndedBecause says why the last burst was taken away, in the words of
/// <see cref="HubFloorRevoked"/>; "" when its talker released it, and while one talks. Waiting counts the requests in the
/// queue; it may be as old as the listener count. Alerts: emergency alerts in force, the newest first, at most eight.
/// </summary>
[MessagePackObject]
public sealed record HubFloor(
    [property: Key("channelId")] string ChannelId,
    [property: Key("epoch")] long Epoch,
    [property: Key("burstId")] long BurstId,
    [property: Key("talker")] HubUnit? Talker,
    [property: Key("sinceMs")] long SinceMs,
    [property: Key("listeners")] int Listeners,
    [property: Key("endedBecause")] string EndedBecause,
    [property: Key("emergency")] bool Emergency,
    [property: Key("waiting")] int Waiting,
    [property: Key("alerts")] IReadOnlyList<HubAlert> Alerts);

/// <summary>A unit's emergency alert in a channel.</summary>
[MessagePackObject]
public sealed record HubAlert(
    [property: Key("unit")] HubUnit Unit,
    [property: Key("sinceMs")] long SinceMs);

/// <summary>An SDP offer for voice: slot 0 sendrecv, further slots recvonly.</summary>
[MessagePackObject]
public sealed record VoiceOffer(
    [property: Key("sdp")] string Sdp);

/// <summary>The answer, or why there is none ("full", "badOffer", "stopping").</summary>
[MessagePackObject]
public sealed record VoiceAnswer(
    [property: Key("sdp")] string Sdp,
    [property: Key("session")] string Session,
    [property: Key("refusal")] string Refusal,
    [property: Key("detail")] string Detail);

/// <summary>Result of joining: the right held ("none" when refused) and the floor now.</summary>
[MessagePackObject]
public sealed record HubJoinReply(
    [property: Key("right")] string Right,
    [property: Key("floor")] HubFloor? Floor);

/// <summary>
/// The decision on a press. Decision: "granted", "queued" or "denied". Cause when denied: "anotherHasPermission", "queueFull",
/// "receiveOnly", "notMember", "noResources", "internalError", "noVoiceSession". Position when queued, 1 for the next: it then
/// changes by <see cref="HubFloorQueued"/> and ends with <see cref="HubFloorGranted"/>, or with the release of the button.
/// </summary>
[MessagePackObject]
public sealed record HubFloorReply(
    [property: Key("decision")] string Decision,
    [property: Key("cause")] string Cause,
    [property: Key("burstId")] long BurstId,
    [property: Key("talkLimitMs")] int TalkLimitMs,
    [property: Key("holder")] HubUnit? Holder,
    [property: Key("position")] int Position);

/// <summary>Your waiting request was granted the floor: speak now.</summary>
[MessagePackObject]
public sealed record HubFloorGranted(
    [property: Key("channelId")] string ChannelId,
    [property: Key("burstId")] long BurstId,
    [property: Key("talkLimitMs")] int TalkLimitMs);

/// <summary>Your place in the queue, 1 for the next; 0: you were taken out.</summary>
[MessagePackObject]
public sealed record HubFloorQueued(
    [property: Key("channelId")] string ChannelId,
    [property: Key("position")] int Position);

/// <summary>Who waits for the floor of a channel, the next first; for those who supervise it.</summary>
[MessagePackObject]
public sealed record HubFloorQueue(
    [property: Key("channelId")] string ChannelId,
    [property: Key("waiting")] IReadOnlyList<HubWaiter> Waiting);

/// <summary>A request that waits for a floor; its id names it in orders.</summary>
[MessagePackObject]
public sealed record HubWaiter(
    [property: Key("requestId")] long RequestId,
    [property: Key("unit")] HubUnit Unit,
    [property: Key("priority")] int Priority,
    [property: Key("emergency")] bool Emergency,
    [property: Key("sinceMs")] long SinceMs);

/// <summary>
/// The server ended your burst, or ends it in a moment: let go. "burstTooLong", "talkerSilent", "linkLost", "noPermission", "preempted", "leaseExpired", "channelRemoved".
/// </summary>
[MessagePackObject]
public sealed record HubFloorRevoked(
    [property: Key("channelId")] string ChannelId,
    [property: Key("burstId")] long BurstId,
    [property: Key("cause")] string Cause);

/// <summary>
/// A camera's feed: "idle", "connecting", "live", "reconnecting"; and the camera itself: "unknown", "online", "degraded",
/// "faulty", "offline", since when (0: nothing was seen of it yet) and why.
/// </summary>
[MessagePackObject]
public sealed record HubCamera(
    [property: Key("cameraId")] string CameraId,
    [property: Key("state")] string State,
    [property: Key("reason")] string Reason,
    [property: Key("viewers")] int Viewers,
    [property: Key("condition")] string Condition,
    [property: Key("conditionReason")] string ConditionReason,
    [property: Key("conditionSinceMs")] long ConditionSinceMs);

/// <summary>The voice session is gone on the server ("timeout", "closed", "stopping"): make a new peer connection.</summary>
[MessagePackObject]
public sealed record HubVoiceEnded(
    [property: Key("session")] string Session,
    [property: Key("reason")] string Reason);

/// <summary>
/// What the server calls on clients. Method names on the wire are these names. Lists are arrays: the serializer sees an
/// argument's runtime type, and knows no other kind of list.
/// </summary>
public interface IHubClient
{
    /// <summary>Newest floors, batched; each replaces what is known of its channel.</summary>
    Task Floors(HubFloor[] floors);

    Task FloorRevoked(HubFloorRevoked revoked);

    Task FloorGranted(HubFloorGranted granted);

    /// <summary>Replaces what was said of that channel before.</summary>
    Task FloorQueued(HubFloorQueued queued);

    /// <summary>Each replaces what is known of its channel; only after <see cref="IHubServer.WatchQueues"/>.</summary>
    Task FloorQueues(HubFloorQueue[] queues);

    /// <summary>The list of channels or a right in it changed: it replaces the former list.</summary>
    Task Channels(HubChannel[] channels);

    Task Cameras(HubCamera[] cameras);

    Task VoiceEnded(HubVoiceEnded ended);

    /// <summary>The connection is about to be closed: "signedOut", "slow", "expired", "stopping", "protocolVersion", "replaced".</summary>
    Task Closing(string reason);
}

/// <summary>What clients call on the server, at "/hub". Method names on the wire are these names.</summary>
public interface IHubServer
{
    Task<ServerHello> Hello(ClientHello hello);

    /// <summary>
    /// A fresh access token of the same account: the connection lives as long as the newest. Without it the connection is
    /// closed with "expired" and the client connects again. False: the token is refused.
    /// </summary>
    Task<bool> Renew(string accessToken);

    /// <summary>Opens the connection's voice session, replacing a former one.</summary>
    Task<VoiceAnswer> OpenVoice(VoiceOffer offer);

    Task CloseVoice();

    /// <summary>Hears a channel on a slot of the voice session. Slot 0 is the channel one talks in by default.</summary>
    Task<HubJoinReply> Join(string channelId, int slot);

    Task Leave(string channelId, int slot);

    Task<HubFloorReply> RequestFloor(string channelId);

    /// <summary>Lets go of the floor, or of a place in its queue.</summary>
    Task ReleaseFloor(string channelId);

    /// <summary>
    /// Gives a waiting request another place in the queue, 1 for the next. This and the other orders answer "" when done, else
    /// why not: "forbidden", "notFound", "conflict".
    /// </summary>
    Task<string> MoveQueued(string channelId, long requestId, int position);

    Task<string> RemoveQueued(string channelId, long requestId);

    /// <summary>Revokes the floor from whoever talks; for the waiting request, unless it is 0.</summary>
    Task<string> PreemptFloor(string channelId, long requestId);

    /// <summary>Raises the own unit's emergency alert in a channel: its presses there are emergency calls until it is cancelled.</summary>
    Task<string> RaiseEmergency(string channelId);

    /// <summary>Cancels a unit's alert: the unit itself, or who supervises the channel.</summary>
    Task<string> CancelEmergency(string channelId, string unitId);

    /// <summary>Queue news of the channels that the account supervises: every queue now, then changes.</summary>
    Task<HubFloorQueue[]> WatchQueues(bool watch);

    /// <summary>Camera news for the camera list: every camera that is not idle, then changes.</summary>
    Task<HubCamera[]> WatchCameras(bool watch);
}
