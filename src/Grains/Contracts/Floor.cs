namespace Comms.Grains.Contracts;

/// <summary>A press. 3GPP TS 24.380 §8.2.4 Floor Request.</summary>
[GenerateSerializer, Immutable, Alias("comms.FloorRequest")]
public sealed record FloorRequest(
    [property: Id(0)] string UnitId,
    [property: Id(1)] string NodeId,
    /// <summary>The media session that will talk, opaque to the grain; one unit may have several.</summary>
    [property: Id(2)] string SessionId,
    [property: Id(3)] Actor Actor,
    /// <summary>The newest floor epoch that the asking node saw; the decision's epoch is above it.</summary>
    [property: Id(4)] long KnownEpoch = 0,
    /// <summary>This press is an emergency call, as some radios key it; a unit's alert makes all its presses one.</summary>
    [property: Id(5)] bool IsEmergency = false);

/// <summary>The holder lets go, or a waiting one gives up. 3GPP TS 24.380 §8.2.8 Floor Release.</summary>
[GenerateSerializer, Immutable, Alias("comms.FloorRelease")]
public sealed record FloorRelease(
    [property: Id(0)] string UnitId,
    [property: Id(1)] string SessionId,
    /// <summary>The burst to end, or 0 for whatever this session holds or has asked for.</summary>
    [property: Id(2)] long BurstId,
    [property: Id(3)] FloorReleaseCause Cause,
    [property: Id(4)] Actor Actor);

/// <summary>Why a burst ended on the holder's side.</summary>
[GenerateSerializer]
public enum FloorReleaseCause
{
    Released,

    /// <summary>The talker's packets stopped.</summary>
    TalkerSilent,

    /// <summary>The talker's session or hub connection ended.</summary>
    LinkLost,
}

/// <summary>The decision on a press. Burst ids and epochs grow within a channel and fit in 53 bits; a burst is named by channel and id.</summary>
[GenerateSerializer, Immutable, Alias("comms.FloorReply")]
public sealed record FloorReply(
    [property: Id(0)] FloorDecision Decision,
    [property: Id(1)] FloorDenyCause DenyCause,
    /// <summary>Valid when granted.</summary>
    [property: Id(2)] long BurstId,
    [property: Id(3)] long Epoch,
    /// <summary>How long the gate may stay open without a renewal.</summary>
    [property: Id(4)] int LeaseMs,
    /// <summary>0 when the channel has no limit.</summary>
    [property: Id(5)] int TalkLimitMs,
    /// <summary>Who holds the floor, when it is denied because of another.</summary>
    [property: Id(6)] FloorHolder? Holder,
    /// <summary>The place in the queue when queued, 1 for the next; 0 otherwise.</summary>
    [property: Id(7)] int Position = 0);

/// <summary>Outcome of a Floor Request.</summary>
[GenerateSerializer]
public enum FloorDecision
{
    Granted,
    Denied,

    /// <summary>Waits for the floor: 3GPP TS 24.380 §8.2.12 Floor Queue Position Info.</summary>
    Queued,
}

/// <summary>Causes of Floor Deny, with the numbers of 3GPP TS 24.380 §8.2.6.2 (Reject Cause).</summary>
[GenerateSerializer]
public enum FloorDenyCause
{
    /// <summary>Granted; or the press was withdrawn before it was decided.</summary>
    None = 0,
    AnotherHasPermission = 1,
    InternalError = 2,
    ReceiveOnly = 5,
    NoResources = 6,
    QueueFull = 7,

    /// <summary>The unit is no member, or the channel does not exist.</summary>
    NotMember = 255,
}

/// <summary>Causes of Floor Revoke, with the numbers of 3GPP TS 24.380 §8.2.10.2, and our own above 255.</summary>
[GenerateSerializer]
public enum FloorRevokeCause
{
    None = 0,
    BurstTooLong = 2,
    NoPermission = 3,
    Preempted = 4,
    TalkerSilent = 256,
    LinkLost = 257,
    LeaseExpired = 258,
    ChannelRemoved = 259,
}

/// <summary>Why a request left the queue without the floor.</summary>
[GenerateSerializer]
public enum FloorDequeueCause
{
    Released,
    LinkLost,
    NoPermission,
    RemovedByDispatcher,
    ChannelRemoved,
}

/// <summary>Who talks.</summary>
[GenerateSerializer, Immutable, Alias("comms.FloorHolder")]
public sealed record FloorHolder(
    [property: Id(0)] string UnitId,
    [property: Id(1)] string CallSign,
    [property: Id(2)] string NameZh,
    [property: Id(3)] string NameEn,
    [property: Id(4)] UnitService Service,
    [property: Id(5)] string NodeId,
    [property: Id(6)] string SessionId);

/// <summary>The floor of one channel. A larger epoch is newer; equal epochs have the same holder, burst and queue.</summary>
[GenerateSerializer, Immutable, Alias("comms.FloorState")]
public sealed record FloorState(
    [property: Id(0)] string ChannelId,
    [property: Id(1)] long Epoch,
    /// <summary>Null when the floor is idle.</summary>
    [property: Id(2)] FloorHolder? Holder,
    [property: Id(3)] long BurstId,
    [property: Id(4)] DateTimeOffset Since,
    /// <summary>How the burst <see cref="EndedBurstId"/> ended; None when its talker released it.</summary>
    [property: Id(5)] FloorRevokeCause EndedBecause,
    [property: Id(6)] int Listeners,
    /// <summary>Another value than before: definition or rules changed, or the channel lives on elsewhere.</summary>
    [property: Id(7)] long RulesVersion = 0,
    /// <summary>The last burst that ended; 0 before the first.</summary>
    [property: Id(8)] long EndedBurstId = 0,
    /// <summary>Not None: the holder is to stop for this cause, and is stopped when the grace (T3) is over.</summary>
    [property: Id(9)] FloorRevokeCause Revoking = FloorRevokeCause.None,
    /// <summary>The holder talks at emergency level.</summary>
    [property: Id(10)] bool IsEmergency = false,
    /// <summary>Who waits, the next first; null when nobody does.</summary>
    [property: Id(11)] IReadOnlyList<FloorWaiter>? Queue = null,
    /// <summary>Emergency alerts in force, the oldest first; null when there is none.</summary>
    [property: Id(12)] IReadOnlyList<EmergencyAlert>? Alerts = null,
    /// <summary>Nobody talked for the channel's idle limit.</summary>
    [property: Id(13)] bool IsInactive = false)
{
    public bool IsHeldBy(string nodeId, string sessionId) => Holder is { } holder && holder.NodeId == nodeId && holder.SessionId == sessionId;

    /// <summary>The session's place in the queue, 1 for the next; 0 when it does not wait.</summary>
    public int PositionOf(string nodeId, string sessionId)
    {
        for (int i = 0; i < (Queue?.Count ?? 0); i++)
        {
            FloorHolder party = Queue![i].Party;
            if (party.SessionId == sessionId && party.NodeId == nodeId)
            {
                return i + 1;
            }
        }

        return 0;
    }
}

/// <summary>A request that waits for the floor.</summary>
[GenerateSerializer, Immutable, Alias("comms.FloorWaiter")]
public sealed record FloorWaiter(
    [property: Id(0)] long RequestId,
    [property: Id(1)] FloorHolder Party,
    [property: Id(2)] int Priority,
    [property: Id(3)] bool IsEmergency,
    [property: Id(4)] DateTimeOffset Since);

/// <summary>A unit's emergency alert in a channel. Persisted with the channel.</summary>
[GenerateSerializer, Immutable, Alias("comms.EmergencyAlert")]
public sealed record EmergencyAlert(
    [property: Id(0)] string UnitId,
    [property: Id(1)] string CallSign,
    [property: Id(2)] string NameZh,
    [property: Id(3)] string NameEn,
    [property: Id(4)] UnitService Service,
    [property: Id(5)] DateTimeOffset Since);

/// <summary>What a dispatcher orders about the floor.</summary>
[GenerateSerializer, Immutable, Alias("comms.FloorOrder")]
public sealed record FloorOrder(
    [property: Id(0)] FloorOrderKind Kind,
    /// <summary>The waiting request that is meant; 0 for the talker.</summary>
    [property: Id(1)] long RequestId,
    /// <summary>The place it moves to, 1 for the next.</summary>
    [property: Id(2)] int Position,
    [property: Id(3)] Actor Actor);

/// <summary>Kinds of <see cref="FloorOrder"/>.</summary>
[GenerateSerializer]
public enum FloorOrderKind
{
    /// <summary>The request moves to another place.</summary>
    Move,

    /// <summary>The request is taken out of the queue.</summary>
    Remove,

    /// <summary>The floor is revoked from its talker, for the request when one is named.</summary>
    Preempt,
}
