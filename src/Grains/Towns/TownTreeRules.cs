using Comms.Grains.Contracts;

namespace Comms.Grains.Towns;

/// <summary>Decisions about the administrative tree. Pure; a tree is a list with parents before children.</summary>
public static class TownTreeRules
{
    /// <summary>The tree with the node added or its names changed, or why not. A node's place and level are final.</summary>
    public static (Outcome Outcome, List<TownNode> Nodes) Put(IReadOnlyList<TownNode> nodes, TownNode node)
    {
        List<TownNode> next = [.. nodes];
        if (DefinitionRules.Check(node.Id, node.Id, node.NameZh, node.NameEn) is { } fault)
        {
            return (fault, next);
        }

        TownNode? parent = nodes.FirstOrDefault(known => known.Id == node.ParentId);
        string path = parent is null ? node.Id : $"{parent.Path}/{node.Id}";
        int at = next.FindIndex(known => known.Id == node.Id);
        if (at >= 0)
        {
            if (next[at].ParentId != node.ParentId || next[at].Level != node.Level)
            {
                return (new Outcome(OutcomeCode.Conflict, "A node keeps its parent and level; remove it and add it again."), next);
            }

            next[at] = node with { Path = path };
            return (Outcome.Ok, next);
        }

        if (node.ParentId.Length > 0 ? parent is null : nodes.Count > 0)
        {
            return (DefinitionRules.Invalid("The parent does not exist, or there is a root already."), next);
        }

        if (node.Level != (parent is null ? TownLevel.City : parent.Level + 1) || !Enum.IsDefined(node.Level))
        {
            return (DefinitionRules.Invalid("A node lies one level below its parent; the root is a city."), next);
        }

        next.Add(node with { Path = path });
        return (Outcome.Ok, next);
    }

    /// <summary>The tree without a leaf, or why not.</summary>
    public static (Outcome Outcome, List<TownNode> Nodes) Remove(IReadOnlyList<TownNode> nodes, string townId)
    {
        if (nodes.All(known => known.Id != townId))
        {
            return (DefinitionRules.NotFound("tree node"), [.. nodes]);
        }

        return nodes.Any(known => known.ParentId == townId)
            ? (new Outcome(OutcomeCode.Conflict, "A node with children stays; remove them first."), [.. nodes])
            : (Outcome.Ok, [.. nodes.Where(known => known.Id != townId)]);
    }
}
