using Comms.Grains.Contracts;
using Comms.Grains.Directory;
using Comms.Grains.Events;
using Comms.Grains.Storage;

namespace Comms.Grains.Units;

/// <summary>One responder unit: its stored definition, and as soft state where it is connected.</summary>
public sealed class UnitGrain(
    [PersistentState("unit")] IPersistentState<UnitState> state,
    CatalogWriter catalog,
    IJournal journal,
    TimeProvider time) : Grain, IUnitGrain
{
    private static readonly UnitPresence Offline = new(false, "", "", DateTimeOffset.MinValue);

    private UnitPresence _presence = Offline;

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

    public Task ReportPresence(UnitPresence presence)
    {
        // A node that lost the unit says so late, after another node has got it: its "offline" is about the former link.
        if (presence.Online || presence.NodeId == _presence.NodeId)
        {
            _presence = presence;

            // Presence is told once per connection: it lives as long as the connection, not as long as calls keep coming.
            DelayDeactivation(presence.Online ? Timeout.InfiniteTimeSpan : TimeSpan.Zero);
        }

        return Task.CompletedTask;
    }

    public async Task<UnitPresence> GetPresence()
    {
        if (_presence.Online)
        {
            IReadOnlyList<string> live = await GrainFactory.GetGrain<INodeDirectoryGrain>(NodeDirectory.Key).GetLiveNodes();
            return live.Contains(_presence.NodeId) ? _presence : _presence with { Online = false };
        }

        return _presence;
    }
}
