using Comms.Grains.Contracts;

namespace Comms.Grains.Towns;

/// <summary>The stored tree, parents before children.</summary>
[GenerateSerializer, Alias("comms.TownTreeState")]
public sealed class TownTreeState
{
    [Id(0)]
    public List<TownNode> Nodes { get; set; } = [];
}
