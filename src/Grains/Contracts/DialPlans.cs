namespace Comms.Grains.Contracts;

/// <summary>
/// Who is reached by which number, and the trunks that lead outside. One grain holds it whole; it is small and rarely
/// changes. Key: <see cref="DialPlan.Key"/>.
/// </summary>
[Alias("comms.IDialPlanGrain")]
public interface IDialPlanGrain : IGrainWithStringKey
{
    Task<DialPlan> Get();

    /// <summary>Adds a number or changes what it reaches.</summary>
    Task<Outcome> PutNumber(DialNumber number, Actor actor);

    Task<Outcome> RemoveNumber(string number, Actor actor);

    /// <summary>Adds or changes a trunk; a null password stays as it was.</summary>
    Task<Outcome> PutTrunk(TrunkDefinition trunk, string? password, Actor actor);

    /// <summary>Removes a trunk that no number leads to.</summary>
    Task<Outcome> RemoveTrunk(string trunkId, Actor actor);

    /// <summary>The password of a trunk, for the node that registers and calls there; "" without one.</summary>
    Task<string> GetTrunkPassword(string trunkId);
}

/// <summary>The whole plan. Immutable.</summary>
[GenerateSerializer, Immutable, Alias("comms.DialPlan")]
public sealed record DialPlan(
    [property: Id(0)] IReadOnlyList<DialNumber> Numbers,
    [property: Id(1)] IReadOnlyList<TrunkDefinition> Trunks)
{
    /// <summary>The one key of <see cref="IDialPlanGrain"/>.</summary>
    public const string Key = "plan";

    public static readonly DialPlan Empty = new([], []);

    public TrunkDefinition? FindTrunk(string trunkId) => Trunks.FirstOrDefault(trunk => trunk.Id == trunkId);

    /// <summary>The entry of exactly that number or alias, without case; else the trunk entry with the longest prefix of it; null: none.</summary>
    public DialNumber? Find(string dialled) =>
        Numbers.FirstOrDefault(entry => entry.Kind != DialKind.Trunk && entry.Number.Equals(dialled, StringComparison.OrdinalIgnoreCase))
        ?? Numbers.Where(entry => entry.Kind == DialKind.Trunk && dialled.StartsWith(entry.Number, StringComparison.Ordinal) && dialled.Length > entry.Number.Length)
            .MaxBy(entry => entry.Number.Length);
}

/// <summary>One number or alias. Persisted.</summary>
[GenerateSerializer, Immutable, Alias("comms.DialNumber")]
public sealed record DialNumber(
    /// <summary>What is dialled: digits, letters, '.', '_' and '-'; for a trunk the prefix, which is taken off.</summary>
    [property: Id(0)] string Number,
    [property: Id(1)] DialKind Kind,
    /// <summary>A channel's, a unit's or a trunk's id.</summary>
    [property: Id(2)] string TargetId);

/// <summary>What a number leads to.</summary>
[GenerateSerializer]
public enum DialKind
{
    Channel,

    /// <summary>Every phone that accounts of the unit have registered.</summary>
    Unit,
    Trunk,
}

/// <summary>A PBX, a provider's trunk or a gateway that is called by its address. Its password is kept apart. Persisted.</summary>
[GenerateSerializer, Immutable, Alias("comms.TrunkDefinition")]
public sealed record TrunkDefinition(
    [property: Id(0)] string Id,
    [property: Id(1)] string Name,
    /// <summary>Where it is: a SIP URI without a user, for example sip:pbx.city.cn:5060;transport=tcp.</summary>
    [property: Id(2)] string Uri,
    /// <summary>The unit that a call over this trunk speaks for in a channel.</summary>
    [property: Id(3)] string UnitId,
    /// <summary>Who we are there; "" when it asks for nothing.</summary>
    [property: Id(4)] string UserName = "",
    /// <summary>We register there and keep registered.</summary>
    [property: Id(5)] bool Registers = false,
    /// <summary>The domain of our address there; "" is the host of its URI.</summary>
    [property: Id(6)] string Domain = "");
