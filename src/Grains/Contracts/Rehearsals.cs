namespace Comms.Grains.Contracts;

/// <summary>
/// One rehearsal: temporary test phones in channels of their own, for measuring a server under the load of a whole city.
/// Key: rehearsal id. One stored record; its units and accounts are made from it in every node's index, so twenty
/// thousand phones come and go with one write each way.
/// </summary>
[Alias("comms.IRehearsalGrain")]
public interface IRehearsalGrain : IGrainWithStringKey
{
    Task<RehearsalDefinition?> Get();

    /// <summary>Stores the rehearsal and makes its channels.</summary>
    Task<Outcome> Start(RehearsalDefinition definition, Actor actor);

    /// <summary>Removes its channels, units and accounts; <paramref name="cause"/> goes into the journal.</summary>
    Task<Outcome> End(string cause, Actor actor);
}

/// <summary>What a rehearsal is. Persisted. Its phones are numbered from 1, those of the first channel first.</summary>
[GenerateSerializer, Immutable, Alias("comms.RehearsalDefinition")]
public sealed record RehearsalDefinition(
    [property: Id(0)] string Id,
    [property: Id(1)] string Name,
    [property: Id(2)] int Phones,
    [property: Id(3)] int Channels,
    /// <summary>Where its units and channels lie; "" when there is no tree.</summary>
    [property: Id(4)] string TownId,
    /// <summary>The subtree of the administrator who started it, which bounds what its accounts see.</summary>
    [property: Id(5)] string TownPath,
    [property: Id(6)] DateTimeOffset StartedAt,
    /// <summary>When it removes itself, and its tokens end.</summary>
    [property: Id(7)] DateTimeOffset EndsAt);
