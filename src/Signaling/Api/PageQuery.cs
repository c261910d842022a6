using Comms.Grains.Contracts;

namespace Comms.Signaling.Api;

/// <summary>Query of a list: "?text=&amp;town=&amp;after=&amp;limit=". Bounds are applied, not refused.</summary>
public sealed record PageQuery(string? Text, string? Town, string? After, int? Limit)
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;

    public int Count => Math.Clamp(Limit ?? DefaultLimit, 1, MaxLimit);

    /// <summary>The search within the caller's subtree; null when the town asked for is outside it or does not exist.</summary>
    public DirectoryQuery? Within(Scope scope, IDirectoryIndex directory)
    {
        string path = scope.TownPath;
        if (!string.IsNullOrEmpty(Town))
        {
            TownNode? town = directory.Towns.FirstOrDefault(node => node.Id == Town);
            if (town is null || !scope.HasTown(town.Id)) return null;
            path = town.Path;
        }

        return new DirectoryQuery(Text ?? "", path, After ?? "", Count);
    }
}
