namespace Comms.Grains.Contracts;

/// <summary>
/// One talk channel: definition, membership and the floor. Key: channel id. It persists its definition and members; who
/// listens now is soft state that nodes report.
/// </summary>
[Alias("comms.IChannelGrain")]
public interface IChannelGrain : IGrainWithStringKey
{
    Task<ChannelDefinition?> Get();

    Task<Outcome> Put(ChannelDefinition definition, Actor actor);

    Task<Outcome> Remove(Actor actor);

    /// <summary>What the given unit may do here, by its own rule, its service's, its town's, or the default.</summary>
    Task<ChannelRight> GetRight(string unitId);

    Task<IReadOnlyList<ChannelRule>> GetRules();

    /// <summary>Adds or replaces the rule for the rule's subject.</summary>
    Task<Outcome> PutRule(ChannelRule rule, Actor actor);

    Task<Outcome> RemoveRule(ChannelRuleKind kind, string subjectId, Actor actor);

    /// <summary>3GPP TS 24.380 Floor Request. A repeated request by the holder is granted again with the same burst.</summary>
    Task<FloorReply> RequestFloor(FloorRequest request);

    /// <summary>Floor Release by the holder; harmless when the unit does not hold the floor.</summary>
    Task ReleaseFloor(FloorRelease release);

    /// <summary>Extends the holder's lease; false when that burst is no longer the floor's.</summary>
    Task<bool> RenewLease(long burstId, string nodeId);

    /// <summary>The floor now: level-triggered truth for nodes that (re)connect.</summary>
    Task<FloorState> GetFloor();

    /// <summary>A node's report of its local listeners, every few seconds and on change; it expires when not renewed.</summary>
    Task ReportListeners(string nodeId, int listeners);

    /// <summary>A node wants <see cref="INodeObserver"/> calls about this channel; renewed with every report, expires by itself.</summary>
    Task Subscribe(string nodeId, INodeObserver observer);

    Task Unsubscribe(string nodeId);
}

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
    [property: Id(7)] ChannelRight DefaultRight = ChannelRight.None);

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
