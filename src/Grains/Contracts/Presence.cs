namespace Comms.Grains.Contracts;

/// <summary>
/// Where the units of one part are connected now; soft state, told in batches by nodes. Key: <see cref="PresencePart.Of"/>.
/// </summary>
[Alias("comms.IPresenceGrain")]
public interface IPresenceGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// Units that are connected through the node, and such that no longer are. A later report wins, but a node's "offline"
    /// is only about itself.
    /// </summary>
    Task Report(string nodeId, IReadOnlyList<string> online, IReadOnlyList<string> offline);

    /// <summary>The live node that a unit is connected through; "" when it is offline.</summary>
    Task<string> Find(string unitId);

    /// <summary>Those of the units that are connected through a live node.</summary>
    Task<IReadOnlyList<string>> FindOnline(IReadOnlyList<string> unitIds);
}

/// <summary>Spreads units over as many presence grains as the catalog has parts.</summary>
public static class PresencePart
{
    public static int Of(string unitId) => CatalogPart.Of(unitId);
}
