using Comms.Grains.Contracts;
using Comms.Grains.Directory;
using Comms.Grains.Events;
using Comms.Grains.Storage;

namespace Comms.Grains.Units;

/// <summary>One responder unit: its stored definition.</summary>
public sealed class UnitGrain(
    [PersistentState("unit")] IPersistentState<UnitState> state,
    CatalogWriter catalog,
    IJournal journal,
    TimeProvider time) : Grain, IUnitGrain
{
    public Task<UnitDefinition?> Get() => Task.FromResult(state.State.Definition);

    public async Task<Outcome> Put(UnitDefinition definition, Actor actor)
    {
        if (UnitRules.Check(this.GetPrimaryKeyString(), definition) is { } fault)
        {
            return fault;
        }

        if (state.State.Definition != definition)
        {
            await catalog.ListAsync(CatalogKind.Unit, definition.Id);
            await state.ReplaceAsync(new UnitState { Definition = definition });
            journal.Append(time, "unit.changed", definition.Id, actor, "put");
        }

        await catalog.ChangedAsync(CatalogKind.Unit, definition.Id, index => index.Set(definition));
        return Outcome.Ok;
    }

    public async Task<Outcome> Remove(Actor actor)
    {
        if (state.State.Definition is null)
        {
            return DefinitionRules.NotFound("unit");
        }

        await state.ClearStateAsync();
        journal.Append(time, "unit.removed", this.GetPrimaryKeyString(), actor, "");
        await catalog.RemovedAsync(CatalogKind.Unit, this.GetPrimaryKeyString());
        return Outcome.Ok;
    }
}
