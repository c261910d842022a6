using Comms.Grains.Contracts;
using Comms.Grains.Directory;
using Comms.Grains.Events;
using Comms.Grains.Storage;

namespace Comms.Grains.Towns;

/// <summary>The administrative tree, held whole.</summary>
public sealed class TownTreeGrain(
    [PersistentState("towns")] IPersistentState<TownTreeState> state,
    CatalogWriter catalog,
    IJournal journal,
    TimeProvider time) : Grain, ITownTreeGrain
{
    public Task<IReadOnlyList<TownNode>> GetAll() => Task.FromResult<IReadOnlyList<TownNode>>([.. state.State.Nodes]);

    public Task<Outcome> Put(TownNode node, Actor actor) =>
        Apply(TownTreeRules.Put(state.State.Nodes, node), node.Id, actor, "put");

    public Task<Outcome> Remove(string townId, Actor actor) =>
        Apply(TownTreeRules.Remove(state.State.Nodes, townId), townId, actor, "removed");

    private async Task<Outcome> Apply((Outcome Outcome, List<TownNode> Nodes) next, string townId, Actor actor, string cause)
    {
        if (next.Outcome.IsOk)
        {
            await state.ReplaceAsync(new TownTreeState { Nodes = next.Nodes });
            journal.Append(time, "town.changed", townId, actor, cause);
            await catalog.ChangedAsync(CatalogKind.Town, townId, index => index.SetTowns([.. next.Nodes]));
        }

        return next.Outcome;
    }
}
