using Comms.Grains.Contracts;
using Comms.Media.Numbers;

namespace Comms.Signaling.Bridges;

/// <summary>
/// One press, for every road: keeps the speech said before the decision, asks the channel's grain, and opens the gate
/// with the reply. Browsers (hub) and SIP legs use it alike; it renews the lease while the burst lasts.
/// </summary>
public interface IFloorBridge
{
    /// <summary>
    /// Asks for the floor. The gate is open when this returns granted; when it returns queued, <see cref="QueueChanged"/> and
    /// <see cref="FloorGranted"/> tell what becomes of it. Presses, releases and the end of one session are
    /// handled one after the other, so that a release sent after a press always ends that press.
    /// </summary>
    Task<FloorReply> PressAsync(FloorParty party);

    /// <summary>Lets go: closes the gate first, then tells the grain. A waiting request gives up its place.</summary>
    Task ReleaseAsync(FloorParty party, FloorReleaseCause cause);

    /// <summary>
    /// The newest floor of every channel that local listeners or watchers have; raised in order per channel, on no
    /// particular thread. Handlers only enqueue.
    /// </summary>
    event Action<FloorState>? FloorChanged;

    /// <summary>
    /// The given session's burst was ended by the server, or is to be released now before the server ends it: tell its user why.
    /// </summary>
    event Action<FloorParty, long, FloorRevokeCause>? FloorRevoked;

    /// <summary>The given session's waiting request was granted the floor and its gate is open.</summary>
    event Action<FloorParty, FloorReply>? FloorGranted;

    /// <summary>The given session's place in the queue, 1 for the next; 0 when it was taken out.</summary>
    event Action<FloorParty, int>? QueueChanged;

    /// <summary>
    /// A local member's right changed while it is in the channel; None means that it was put out. Raised within 1 s of
    /// the change.
    /// </summary>
    event Action<FloorParty, ChannelRight>? RightChanged;

    /// <summary>Counts a session as listening in a channel, after checking the unit's right; maps the slot on the media node.</summary>
    Task<JoinReply> JoinAsync(FloorParty party, int slot);

    Task LeaveAsync(FloorParty party, int slot);

    /// <summary>The session is gone: every channel is left and every burst released.</summary>
    Task SessionEndedAsync(SessionId session);

    /// <summary>The floor as this node knows it; null when nobody local is interested in the channel.</summary>
    FloorState? GetFloor(string channelId);

    /// <summary>A console wants floor news of a channel without listening to it (reference counted).</summary>
    Task WatchAsync(string channelId);

    void Unwatch(string channelId);

    /// <summary>A dispatcher's order about a channel's floor; the channel checks that its actor may give it.</summary>
    Task<Outcome> ArbitrateAsync(string channelId, FloorOrder order);

    /// <summary>Raises or cancels a unit's emergency alert in a channel; the channel checks that the actor may.</summary>
    Task<Outcome> SetEmergencyAsync(string channelId, string unitId, bool isActive, Actor actor);
}

/// <summary>A unit's media session in a channel; an emergency call when its radio keys it as one.</summary>
public sealed record FloorParty(string ChannelId, string UnitId, SessionId Session, Actor Actor, bool IsEmergency = false);

/// <summary>Whether the unit may listen or talk here, and the floor now.</summary>
public sealed record JoinReply(ChannelRight Right, FloorState? Floor)
{
    public bool IsOk => Right >= ChannelRight.Listen;
}
