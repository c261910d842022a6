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
    [property: Id(4)] long KnownEpoch = 0);

/// <summary>The holder lets go. 3GPP TS 24.380 §8.2.8 Floor Release.</summary>
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
    [property: Id(6)] FloorHolder? Holder);

/// <summary>Outcome of a Floor Request.</summary>
[GenerateSerializer]
public enum FloorDecision
{
    Granted,
    Denied,
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

/// <summary>The floor of one channel. A larger epoch is newer; equal epochs have the same holder and burst.</summary>
[GenerateSerializer, Immutable, Alias("comms.FloorState")]
public sealed record FloorState(
    [property: Id(0)] string ChannelId,
    [property: Id(1)] long Epoch,
    /// <summary>Null when the floor is idle.</summary>
    [property: Id(2)] FloorHolder? Holder,
    [property: Id(3)] long BurstId,
    [property: Id(4)] DateTimeOffset Since,
    /// <summary>How the former burst ended, when the floor is idle after a revoke.</summary>
    [property: Id(5)] FloorRevokeCause EndedBecause,
    [property: Id(6)] int Listeners,
    /// <summary>Another value than before: definition or rules changed, or the channel lives on elsewhere.</summary>
    [property: Id(7)] long RulesVersion = 0);
