using Comms.Grains.Contracts;

namespace Comms.Grains.Directory;

/// <summary>The tree as one immutable value: every node's path by its id.</summary>
internal sealed class TownPaths
{
    public static readonly TownPaths Empty = new([]);

    private readonly Dictionary<string, TownNode> _byId;

    public TownPaths(IReadOnlyList<TownNode> nodes)
    {
        Nodes = nodes;
        _byId = nodes.ToDictionary(node => node.Id, StringComparer.Ordinal);
    }

    /// <summary>Parents before children.</summary>
    public IReadOnlyList<TownNode> Nodes { get; }

    /// <summary>"" when the tree has no such node.</summary>
    public string PathOf(string townId) => _byId.TryGetValue(townId, out TownNode? node) ? node.Path : "";

    /// <summary>True when the node lies at or below the path; "" is everything, also nodes that the tree does not have.</summary>
    public bool IsWithin(string townId, string path)
    {
        if (path.Length == 0)
        {
            return true;
        }

        string own = PathOf(townId);
        return own.StartsWith(path, StringComparison.Ordinal) && (own.Length == path.Length || own[path.Length] == '/');
    }
}
