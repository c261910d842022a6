using Comms.Grains.Contracts;
using Comms.Grains.Directory;
using Comms.Grains.Events;
using Comms.Grains.Storage;

namespace Comms.Grains.Rehearsals;

/// <summary>
/// One rehearsal. The record is stored before its channels and removed after them, so that whatever breaks off in
/// between is cleared away by <see cref="RehearsalExpiry"/>.
/// </summary>
public sealed class RehearsalGrain(
    [PersistentState("rehearsal")] IPersistentState<RehearsalState> state,
    CatalogWriter catalog,
    IJournal journal,
    TimeProvider time) : Grain, IRehearsalGrain
{
    private string Id => this.GetPrimaryKeyString();

    public Task<RehearsalDefinition?> Get() => Task.FromResult(state.State.Definition);

    public async Task<Outcome> Start(RehearsalDefinition definition, Actor actor)
    {
        if (RehearsalRules.Check(Id, definition) is { } fault)
        {
            return fault;
        }

        if (state.State.Definition is not null)
        {
            return new Outcome(OutcomeCode.AlreadyExists, "There is such a rehearsal.");
        }

        await catalog.ListAsync(CatalogKind.Rehearsal, Id);
        await state.ReplaceAsync(new RehearsalState { Definition = definition });
        await catalog.ChangedAsync(CatalogKind.Rehearsal, Id, index => index.Set(definition));
        for (int channel = 0; channel < definition.Channels; channel++)
        {
            Outcome made = await ChannelAt(definition, channel).Put(RehearsalPhones.Channel(definition, channel), actor);
            if (!made.IsOk)
            {
                await RemoveAsync(definition, actor);
                return made;
            }
        }

        journal.Append(time, "rehearsal.started", Id, actor, Describe(definition));
        return Outcome.Ok;
    }

    public async Task<Outcome> End(string cause, Actor actor)
    {
        if (state.State.Definition is not { } definition)
        {
            return DefinitionRules.NotFound("rehearsal");
        }

        await RemoveAsync(definition, actor);
        journal.Append(time, "rehearsal.ended", Id, actor, cause);
        return Outcome.Ok;
    }

    private async Task RemoveAsync(RehearsalDefinition definition, Actor actor)
    {
        for (int channel = 0; channel < definition.Channels; channel++)
        {
            await ChannelAt(definition, channel).Remove(actor);
        }

        await state.ClearStateAsync();
        state.State = new RehearsalState();
        await catalog.RemovedAsync(CatalogKind.Rehearsal, Id);
    }

    private IChannelGrain ChannelAt(RehearsalDefinition definition, int channel) =>
        GrainFactory.GetGrain<IChannelGrain>(RehearsalPhones.ChannelId(definition, channel));

    private static string Describe(RehearsalDefinition definition) => FormattableString.Invariant(
        $"{definition.Phones} phones, {definition.Channels} channels, {(definition.EndsAt - definition.StartedAt).TotalMinutes:F0} minutes");
}
