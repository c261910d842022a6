using Comms.Grains.Contracts;
using Comms.Grains.Directory;
using Comms.Grains.Towns;
using Xunit;

namespace Comms.Grains.Tests.Towns;

/// <summary>The tree keeps one root, known parents and paths that make a subtree test a prefix test.</summary>
public sealed class TownTreeRulesTests
{
    private static readonly List<TownNode> Tree = Build(
        Node("city", "", TownLevel.City), Node("east", "city", TownLevel.Town), Node("eastgate", "city", TownLevel.Town),
        Node("lotus", "east", TownLevel.Village));

    [Fact]
    public void Paths_name_every_ancestor()
    {
        Assert.Equal(["city", "city/east", "city/eastgate", "city/east/lotus"], Tree.Select(node => node.Path));
    }

    [Theory]
    [InlineData("lotus", "", true)]
    [InlineData("nowhere", "", true)]
    [InlineData("lotus", "city/east", true)]
    [InlineData("lotus", "city/east/lotus", true)]
    [InlineData("east", "city/east/lotus", false)]
    [InlineData("eastgate", "city/east", false)]
    [InlineData("nowhere", "city", false)]
    public void Subtree_test_is_by_whole_ids(string town, string path, bool isWithin) =>
        Assert.Equal(isWithin, new TownPaths(Tree).IsWithin(town, path));

    [Theory]
    [InlineData("second", "", TownLevel.City)]
    [InlineData("orphan", "nowhere", TownLevel.Town)]
    [InlineData("deep", "lotus", TownLevel.Village)]
    [InlineData("skip", "city", TownLevel.Village)]
    [InlineData("east", "city", TownLevel.Village)]
    [InlineData("east", "eastgate", TownLevel.Town)]
    public void Misplaced_node_is_refused_and_the_tree_stays(string id, string parent, TownLevel level)
    {
        (Outcome outcome, List<TownNode> nodes) = TownTreeRules.Put(Tree, Node(id, parent, level));
        Assert.False(outcome.IsOk);
        Assert.Equal(Tree, nodes);
    }

    [Fact]
    public void Names_change_in_place_and_only_leaves_can_go()
    {
        (Outcome renamed, List<TownNode> nodes) = TownTreeRules.Put(Tree, Node("east", "city", TownLevel.Town) with { NameEn = "Orient" });
        Assert.True(renamed.IsOk);
        Assert.Equal("Orient", nodes[1].NameEn);
        Assert.Equal(OutcomeCode.Conflict, TownTreeRules.Remove(nodes, "east").Outcome.Code);
        Assert.Equal(OutcomeCode.NotFound, TownTreeRules.Remove(nodes, "nowhere").Outcome.Code);
        Assert.Equal(3, TownTreeRules.Remove(nodes, "lotus").Nodes.Count);
    }

    private static TownNode Node(string id, string parent, TownLevel level) => new(id, parent, level, "名", id);

    private static List<TownNode> Build(params TownNode[] nodes) =>
        nodes.Aggregate(new List<TownNode>(), (tree, node) =>
        {
            (Outcome outcome, List<TownNode> next) = TownTreeRules.Put(tree, node);
            Assert.True(outcome.IsOk, outcome.Detail);
            return next;
        });
}
