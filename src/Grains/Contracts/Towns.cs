namespace Comms.Grains.Contracts;

/// <summary>The administrative tree: city, towns, villages. One grain holds it whole; it is small and rarely changes. Key: <see cref="TownTree.Key"/>.</summary>
[Alias("comms.ITownTreeGrain")]
public interface ITownTreeGrain : IGrainWithStringKey
{
    Task<IReadOnlyList<TownNode>> GetAll();

    /// <summary>Adds a node or changes its names; the parent must exist (or be empty for the one root).</summary>
    Task<Outcome> Put(TownNode node, Actor actor);

    /// <summary>Removes a node without children.</summary>
    Task<Outcome> Remove(string townId, Actor actor);
}

/// <summary>The one key of <see cref="ITownTreeGrain"/>.</summary>
public static class TownTree
{
    public const string Key = "tree";
}

/// <summary>One node of the tree. The path from the root is "city/east/lotus" in ids, so that a prefix test is a subtree test.</summary>
[GenerateSerializer, Immutable, Alias("comms.TownNode")]
public sealed record TownNode(
    [property: Id(0)] string Id,
    [property: Id(1)] string ParentId,
    [property: Id(2)] TownLevel Level,
    [property: Id(3)] string NameZh,
    [property: Id(4)] string NameEn,
    [property: Id(5)] string DivisionCode = "",
    [property: Id(6)] string Path = "");

/// <summary>Level of a tree node.</summary>
[GenerateSerializer]
public enum TownLevel
{
    City,
    Town,
    Village,
}
