namespace Comms.Grains.Directory;

/// <summary>Stored ids of one part of the catalog.</summary>
[GenerateSerializer, Alias("comms.CatalogState")]
public sealed class CatalogState
{
    [Id(0)]
    public HashSet<string> Ids { get; set; } = [];
}
