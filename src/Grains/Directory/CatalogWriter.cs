using Comms.Grains.Contracts;

namespace Comms.Grains.Directory;

/// <summary>
/// How a grain makes itself findable: listed before it is first stored, and after each change taken into this silo's
/// index at once (so that its writer reads its own write) and announced to every other node.
/// </summary>
public sealed class CatalogWriter(IGrainFactory grains, DirectoryIndex index)
{
    public Task ListAsync(CatalogKind kind, string id) =>
        grains.GetGrain<ICatalogGrain>(CatalogPart.KeyOf(kind, id)).Add(id);

    /// <summary>Lists many things before they are stored: one write for each part of the catalog.</summary>
    public Task ListAsync(CatalogKind kind, IEnumerable<string> ids) => Task.WhenAll(ids
        .GroupBy(CatalogPart.Of)
        .Select(part => grains.GetGrain<ICatalogGrain>(CatalogPart.KeyOf(kind, part.Key)).AddMany([.. part])));

    /// <summary>For what is listed but never indexed.</summary>
    public Task UnlistAsync(CatalogKind kind, string id) =>
        grains.GetGrain<ICatalogGrain>(CatalogPart.KeyOf(kind, id)).Remove(id);

    public async Task ChangedAsync(CatalogKind kind, string id, Action<DirectoryIndex> apply)
    {
        apply(index);
        await AnnounceAsync(new CatalogChange(kind, id, Removed: false));
    }

    public async Task RemovedAsync(CatalogKind kind, string id)
    {
        index.Remove(kind, id);
        await grains.GetGrain<ICatalogGrain>(CatalogPart.KeyOf(kind, id)).Remove(id);
        await AnnounceAsync(new CatalogChange(kind, id, Removed: true));
    }

    private Task AnnounceAsync(CatalogChange change) =>
        grains.GetGrain<INodeDirectoryGrain>(NodeDirectory.Key).Announce(change);
}
