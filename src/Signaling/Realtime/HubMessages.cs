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
/// <see cref="HubFloorRevoked"/>; "" when its talker released it, and while one talks.
/// </summary>
[MessagePackObject]
public sealed record HubFloor(
    [property: Key("channelId")] string ChannelId,
    [property: Key("epoch")] long Epoch,
    [property: Key("burstId")] long BurstId,
    [property: Key("talker")] HubUnit? Talker,
    [property: Key("sinceMs")] long SinceMs,
    [property: Key("listeners")] int Listeners,
    [property: Key("endedBecause")] string EndedBecause);

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
/// The decision on a press. Decision: "granted" or "denied". Cause when denied: "anotherHasPermission", "receiveOnly",
/// "notMember", "noResources", "internalError", "noVoiceSession".
/// </summary>
[MessagePackObject]
public sealed record HubFloorReply(
    [property: Key("decision")] string Decision,
    [property: Key("cause")] string Cause,
    [property: Key("burstId")] long BurstId,
    [property: Key("talkLimitMs")] int TalkLimitMs,
    [property: Key("holder")] HubUnit? Holder);

/// <summary>The server ended your burst: "burstTooLong", "talkerSilent", "linkLost", "noPermission", "preempted", "leaseExpired", "channelRemoved".</summary>
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

    Task ReleaseFloor(string channelId);

    /// <summary>Camera news for the camera list: every camera that is not idle, then changes.</summary>
    Task<HubCamera[]> WatchCameras(bool watch);
}
