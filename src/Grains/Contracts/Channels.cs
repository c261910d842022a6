using Orleans.Concurrency;

namespace Comms.Grains.Contracts;

/// <summary>
/// One talk channel: definition, membership and the floor. Key: channel id. It persists its definition and members; who
/// listens now is soft state that nodes report.
/// </summary>
[Alias("comms.IChannelGrain")]
public interface IChannelGrain : IGrainWithStringKey
{
    [AlwaysInterleave]
    Task<ChannelDefinition?> Get();

    /// <summary>Creates or changes the channel; refused as Invalid with a sentence, or as Conflict when the number is taken.</summary>
    Task<Outcome> Put(ChannelDefinition definition, Actor actor);

    Task<Outcome> Remove(Actor actor);

    /// <summary>What the given unit may do here, by its own rule, its service's, its town's, or the default.</summary>
    [AlwaysInterleave]
    Task<ChannelRight> GetRight(string unitId);

    /// <summary>The rights of many units, in the order asked: for a node that checks its local members again.</summary>
    [AlwaysInterleave]
    Task<IReadOnlyList<ChannelRight>> GetRights(IReadOnlyList<string> unitIds);

    [AlwaysInterleave]
    Task<IReadOnlyList<ChannelRule>> GetRules();

    /// <summary>Adds or replaces the rule for the rule's subject.</summary>
    Task<Outcome> PutRule(ChannelRule rule, Actor actor);

    Task<Outcome> RemoveRule(ChannelRuleKind kind, string subjectId, Actor actor);

    /// <summary>3GPP TS 24.380 Floor Request. A repeated request by the holder is granted again with the same burst.</summary>
    [AlwaysInterleave]
    Task<FloorReply> RequestFloor(FloorRequest request);

    /// <summary>Floor Release by the holder, or the end of a wait in the queue; harmless when the unit neither talks nor waits.</summary>
    [AlwaysInterleave]
    Task ReleaseFloor(FloorRelease release);

    /// <summary>Extends the holder's lease; false when that burst is no longer the floor's.</summary>
    [AlwaysInterleave]
    Task<bool> RenewLease(long burstId, string nodeId);

    /// <summary>
    /// The given sessions of a node still wait for the floor; those of a node that falls silent lose their places. Answers
    /// with the floor now, so that a lost hint of a grant heals.
    /// </summary>
    [AlwaysInterleave]
    Task<FloorState> RenewWaiting(string nodeId, IReadOnlyList<string> sessionIds);

    /// <summary>A dispatcher's order about the floor; Forbidden unless the actor supervises the channel.</summary>
    [AlwaysInterleave]
    Task<Outcome> Arbitrate(FloorOrder order);

    /// <summary>
    /// Raises or cancels a unit's emergency alert. Any member may raise its own; its originator and those who supervise the
    /// channel may cancel it. In force at once, and stored.
    /// </summary>
    Task<Outcome> SetEmergency(string unitId, bool isActive, Actor actor);

    /// <summary>The floor now: level-triggered truth for nodes that (re)connect.</summary>
    [AlwaysInterleave]
    Task<FloorState> GetFloor();

    /// <summary>
    /// A node's report, every few seconds and on change: how many listen there, and that it wants
    /// <see cref="INodeObserver"/> calls about this channel. Expires when not renewed. Answers with the floor now.
    /// </summary>
    [AlwaysInterleave]
    Task<FloorState> Report(ChannelReport report, INodeObserver observer);

    /// <summary>The node has no listener and no watcher here any more.</summary>
    [AlwaysInterleave]
    Task Leave(string nodeId);
}

/// <summary>What one node says of its part of a channel.</summary>
[GenerateSerializer, Immutable, Alias("comms.ChannelReport")]
public sealed record ChannelReport(
    [property: Id(0)] string NodeId,
    [property: Id(1)] int Listeners,
    /// <summary>The newest floor epoch the node saw: a channel that moved to a machine with a slower clock goes on above it.</summary>
    [property: Id(2)] long KnownEpoch);

/// <summary>What a channel is. Persisted.</summary>
[GenerateSerializer, Immutable, Alias("comms.ChannelDefinition")]
public sealed record ChannelDefinition(
    [property: Id(0)] string Id,
    [property: Id(1)] string NameZh,
    [property: Id(2)] string NameEn,
    /// <summary>The number that SIP phones and gateways dial.</summary>
    [property: Id(3)] string Number,
    [property: Id(4)] ChannelKind Kind,
    [property: Id(5)] string TownId,
    /// <summary>Longest single burst in seconds, after which the floor is revoked; 0 means no limit.</summary>
    [property: Id(6)] int TalkLimitSeconds = 60,
    [property: Id(7)] ChannelRight DefaultRight = ChannelRight.None,
    /// <summary>Null in records of older servers: the defaults.</summary>
    [property: Id(8)] FloorPolicy? Floor = null)
{
    /// <summary>How the floor is arbitrated.</summary>
    public FloorPolicy FloorPolicy => Floor ?? FloorPolicy.Default;
}

/// <summary>How the floor of a channel is arbitrated. Persisted.</summary>
[GenerateSerializer, Immutable, Alias("comms.FloorPolicy")]
public sealed record FloorPolicy(
    /// <summary>Requests that may wait while another talks; 0: no queue, a press on a taken floor is denied at once.</summary>
    [property: Id(0)] int QueueLimit = 0,
    /// <summary>Who takes the floor from its holder.</summary>
    [property: Id(1)] FloorPreemption Preemption = FloorPreemption.Emergency,
    /// <summary>T3 of 3GPP TS 24.380 §11.1: how long a talker whose floor is revoked may go on until its release; 0: not at all.</summary>
    [property: Id(2)] int RevokeGraceMs = 1000,
    /// <summary>T4 of 3GPP TS 24.380 §11.1: after so long without talk the channel counts as inactive; 0: never.</summary>
    [property: Id(3)] int IdleLimitSeconds = 0,
    /// <summary>Least floor priority of a dispatcher's or administrator's request.</summary>
    [property: Id(4)] int DispatcherPriority = 8)
{
    /// <summary>A node is told of everyone who waits with every change, and nobody holds a button for longer.</summary>
    public const int QueueLimitMax = 50;

    public const int RevokeGraceMsMax = 10_000;
    public const int IdleLimitSecondsMax = 86_400;
    public const int PriorityMax = 15;

    public static readonly FloorPolicy Default = new();
}

/// <summary>Who takes the floor from its holder.</summary>
[GenerateSerializer]
public enum FloorPreemption
{
    /// <summary>Nobody; emergencies wait first in line.</summary>
    Never,

    /// <summary>A unit in emergency, from one that is not.</summary>
    Emergency,

    /// <summary>That, and a request of higher priority than the talker's.</summary>
    Priority,
}

/// <summary>What a channel is for.</summary>
[GenerateSerializer]
public enum ChannelKind
{
    Service,
    Incident,
    Command,
}

/// <summary>What a member may do; each includes the ones before it.</summary>
[GenerateSerializer]
public enum ChannelRight
{
    None,
    Listen,
    Talk,
    Supervise,
}

/// <summary>A membership rule: this subject has this right. The most specific rule wins: unit, then service, then town.</summary>
[GenerateSerializer, Immutable, Alias("comms.ChannelRule")]
public sealed record ChannelRule(
    [property: Id(0)] ChannelRuleKind Kind,
    [property: Id(1)] string SubjectId,
    [property: Id(2)] ChannelRight Right);

/// <summary>Whom a rule names: a unit id, a <see cref="UnitService"/> name, or a town tree id (its whole subtree).</summary>
[GenerateSerializer]
public enum ChannelRuleKind
{
    Unit,
    Service,
    Town,
}
