using System.Text;
using Comms.Grains.Contracts;
using Comms.Grains.Directory;
using Comms.Grains.Events;
using Comms.Grains.Storage;

namespace Comms.Grains.DialPlans;

/// <summary>The dial plan, held whole.</summary>
public sealed class DialPlanGrain(
    [PersistentState("dialplan")] IPersistentState<DialPlanState> state,
    CatalogWriter catalog,
    ISecretBox secrets,
    IJournal journal,
    TimeProvider time) : Grain, IDialPlanGrain
{
    private DialPlan Plan => new([.. state.State.Numbers], [.. state.State.Trunks]);

    public Task<DialPlan> Get() => Task.FromResult(Plan);

    public async Task<Outcome> PutNumber(DialNumber number, Actor actor)
    {
        if (DialPlanRules.Check(Plan, number) is { } fault)
        {
            return fault;
        }

        List<DialNumber> numbers = [.. state.State.Numbers.Where(known => !DialPlanRules.IsSame(known.Number, number.Number)), number];
        await StoreAsync(numbers, state.State.Trunks, state.State.Passwords);
        await TellAsync(number.Number, actor, "put");
        return Outcome.Ok;
    }

    public async Task<Outcome> RemoveNumber(string number, Actor actor)
    {
        List<DialNumber> left = [.. state.State.Numbers.Where(known => !DialPlanRules.IsSame(known.Number, number))];
        if (left.Count == state.State.Numbers.Count)
        {
            return DefinitionRules.NotFound("number");
        }

        await StoreAsync(left, state.State.Trunks, state.State.Passwords);
        await TellAsync(number, actor, "removed");
        return Outcome.Ok;
    }

    public async Task<Outcome> PutTrunk(TrunkDefinition trunk, string? password, Actor actor)
    {
        if (DialPlanRules.Check(Plan, trunk) is { } fault)
        {
            return fault;
        }

        var passwords = new Dictionary<string, byte[]>(state.State.Passwords);
        if (password is not null)
        {
            passwords[trunk.Id] = secrets.Seal(Encoding.UTF8.GetBytes(password), Purpose(trunk.Id));
        }

        await StoreAsync(state.State.Numbers, [.. state.State.Trunks.Where(known => known.Id != trunk.Id), trunk], passwords);
        await TellAsync(trunk.Id, actor, password is null ? "trunk put" : "trunk put with secret");
        return Outcome.Ok;
    }

    public async Task<Outcome> RemoveTrunk(string trunkId, Actor actor)
    {
        if (Plan.FindTrunk(trunkId) is null)
        {
            return DefinitionRules.NotFound("trunk");
        }

        if (state.State.Numbers.Exists(number => number.Kind == DialKind.Trunk && number.TargetId == trunkId))
        {
            return new Outcome(OutcomeCode.Conflict, "Numbers lead to this trunk; remove them first.");
        }

        var passwords = new Dictionary<string, byte[]>(state.State.Passwords);
        passwords.Remove(trunkId);
        await StoreAsync(state.State.Numbers, [.. state.State.Trunks.Where(known => known.Id != trunkId)], passwords);
        await TellAsync(trunkId, actor, "trunk removed");
        return Outcome.Ok;
    }

    public Task<string> GetTrunkPassword(string trunkId) => Task.FromResult(
        state.State.Passwords.TryGetValue(trunkId, out byte[]? octets) && secrets.TryOpen(octets, Purpose(trunkId), out byte[] plain)
            ? Encoding.UTF8.GetString(plain) : "");

    private static string Purpose(string trunkId) => $"trunk/{trunkId}";

    private Task StoreAsync(List<DialNumber> numbers, List<TrunkDefinition> trunks, Dictionary<string, byte[]> passwords) =>
        state.ReplaceAsync(new DialPlanState { Numbers = numbers, Trunks = trunks, Passwords = passwords });

    private async Task TellAsync(string subject, Actor actor, string cause)
    {
        DialPlan plan = Plan;
        journal.Append(time, "dialplan.changed", subject, actor, cause);
        await catalog.ChangedAsync(CatalogKind.DialPlan, DialPlan.Key, index => index.SetDialPlan(plan));
    }
}
