namespace Comms.Grains.Contracts;

/// <summary>One responder unit: a person, a vehicle, a console or a radio gateway that can stand in channels. Key: unit id.</summary>
[Alias("comms.IUnitGrain")]
public interface IUnitGrain : IGrainWithStringKey
{
    Task<UnitDefinition?> Get();

    Task<Outcome> Put(UnitDefinition definition, Actor actor);

    Task<Outcome> Remove(Actor actor);
}

/// <summary>What a unit is. Persisted.</summary>
[GenerateSerializer, Immutable, Alias("comms.UnitDefinition")]
public sealed record UnitDefinition(
    [property: Id(0)] string Id,
    [property: Id(1)] string CallSign,
    [property: Id(2)] string NameZh,
    [property: Id(3)] string NameEn,
    [property: Id(4)] UnitService Service,
    [property: Id(5)] string TownId,
    /// <summary>Floor priority, 0 (lowest) to 15.</summary>
    [property: Id(6)] int Priority = 0,
    /// <summary>The one channel of a rehearsal's phone; "" for every real unit.</summary>
    [property: Id(7)] string RehearsalChannelId = "");

/// <summary>The department a unit works for.</summary>
[GenerateSerializer]
public enum UnitService
{
    Police,
    Fire,
    Ambulance,
    Grid,
    Command,
    Gateway,
}
