using Comms.Grains.Contracts;
using Comms.Grains.Directory;
using Comms.Grains.Events;
using Comms.Grains.Storage;
using Microsoft.Extensions.Logging;

namespace Comms.Grains.Channels;

/// <summary>
/// One channel. Definition and rules are stored; the floor lives in memory only and never waits for the store. Floor calls
/// interleave with a write in progress; between awaits every mutation is whole.
/// </summary>
public sealed class ChannelGrain(
    [PersistentState("channel")] IPersistentState<ChannelState> state,
    DirectoryIndex index,
    CatalogWriter catalog,
    IJournal journal,
    GrainOptions options,
    GrainInstruments instruments,
    TimeProvider time,
    ILogger<ChannelGrain> log) : Grain, IChannelGrain
{
    /// <summary>Every node is told of all alerts with every change.</summary>
    private const int AlertsMax = 64;

    private readonly SteadyClock _clock = new(time);
    private ChannelFloor _floor = null!;
    private IGrainTimer _deadline = null!;

    private string Id => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        // KeepAlive: a channel with an open burst stays until the burst's end is told.
        _deadline = this.RegisterGrainTimer(
            () => Do(now => _floor.HandleTimeout(now)),
            new GrainTimerCreationOptions(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan) { Interleave = true, KeepAlive = true });
        _floor = new ChannelFloor(Id, state.State, options, journal, instruments, log, _clock.Now);
        return Task.CompletedTask;
    }

    public Task<ChannelDefinition?> Get() => Task.FromResult(state.State.Definition);

    public Task<IReadOnlyList<ChannelRule>> GetRules() => Task.FromResult<IReadOnlyList<ChannelRule>>([.. state.State.Rules]);

    public async Task<Outcome> Put(ChannelDefinition definition, Actor actor)
    {
        if (ChannelRules.Check(Id, definition) is { } fault)
        {
            return fault;
        }

        if (index.FindChannelByNumber(definition.Number) is { } other && other.Id != Id)
        {
            return new Outcome(OutcomeCode.Conflict, $"Number {definition.Number} is the channel {other.Id}'s.");
        }

        await catalog.ListAsync(CatalogKind.Channel, Id);
        await StoreAsync(definition, state.State.Rules, actor, "put");
        return Outcome.Ok;
    }

    public async Task<Outcome> Remove(Actor actor)
    {
        if (state.State.Definition is null)
        {
            return DefinitionRules.NotFound("channel");
        }

        await state.ClearStateAsync();
        state.State = new ChannelState();
        await Do(_floor.Close);
        journal.Append(time, "channel.removed", Id, actor, "");
        await catalog.RemovedAsync(CatalogKind.Channel, Id);
        await Do(now => _floor.ChangeRules(null, now));
        return Outcome.Ok;
    }

    public async Task<ChannelRight> GetRight(string unitId) => RightOf(await FindUnitAsync(unitId));

    public async Task<IReadOnlyList<ChannelRight>> GetRights(IReadOnlyList<string> unitIds) =>
        await Task.WhenAll(unitIds.Select(GetRight));

    public async Task<Outcome> PutRule(ChannelRule rule, Actor actor)
    {
        if (state.State.Definition is not { } definition)
        {
            return DefinitionRules.NotFound("channel");
        }

        if (ChannelRules.Check(rule) is { } fault)
        {
            return fault;
        }

        await StoreAsync(
            definition, ChannelRules.With(state.State.Rules, rule), actor, $"{rule.Kind} {rule.SubjectId} may {rule.Right}");
        return Outcome.Ok;
    }

    public async Task<Outcome> RemoveRule(ChannelRuleKind kind, string subjectId, Actor actor)
    {
        List<ChannelRule> rules = ChannelRules.Without(state.State.Rules, kind, subjectId);
        if (state.State.Definition is not { } definition || rules.Count == state.State.Rules.Count)
        {
            return DefinitionRules.NotFound("rule");
        }

        await StoreAsync(definition, rules, actor, $"{kind} {subjectId} has no rule");
        return Outcome.Ok;
    }

    public async Task<FloorReply> RequestFloor(FloorRequest request)
    {
        long arrived = time.GetTimestamp();
        UnitDefinition? unit = await FindUnitAsync(request.UnitId);
        FloorReply reply = Decide(request, unit);
        instruments.FloorDecided(reply.Decision, time.GetElapsedTime(arrived));
        return reply;
    }

    public Task ReleaseFloor(FloorRelease release) => Do(now => _floor.Release(release, now));

    public async Task<bool> RenewLease(long burstId, string nodeId)
    {
        await RevokeWithoutRightAsync();
        bool isRenewed = false;
        await Do(now => isRenewed = _floor.Renew(burstId, nodeId, now));
        return isRenewed;
    }

    public async Task<FloorState> RenewWaiting(string nodeId, IReadOnlyList<string> sessionIds)
    {
        await RevokeWithoutRightAsync();
        await Do(now => _floor.RenewWaiting(nodeId, [.. sessionIds], now));
        return _floor.Snapshot();
    }

    public async Task<Outcome> Arbitrate(FloorOrder order)
    {
        if (!await SupervisesAsync(order.Actor))
        {
            return new Outcome(OutcomeCode.Forbidden, "Only who supervises the channel arbitrates its floor.");
        }

        bool isDone = false;
        await Do(now => isDone = _floor.Arbitrate(order, now));
        return isDone ? Outcome.Ok : DefinitionRules.NotFound("request");
    }

    public async Task<Outcome> SetEmergency(string unitId, bool isActive, Actor actor)
    {
        UnitDefinition? unit = isActive ? await FindUnitAsync(unitId) : null;
        if (actor.UnitId != unitId ? isActive || !await SupervisesAsync(actor) : isActive && RightOf(unit) < ChannelRight.Listen)
        {
            return new Outcome(
                OutcomeCode.Forbidden, "A member raises its own alert; it or who supervises the channel cancels it.");
        }

        if (_floor.IsInEmergency(unitId) == isActive)
        {
            return isActive ? Outcome.Ok : DefinitionRules.NotFound("alert");
        }

        if (isActive && _floor.Alerts.Count >= AlertsMax)
        {
            return new Outcome(OutcomeCode.Conflict, $"{AlertsMax} alerts are in force here.");
        }

        // In force before it is stored: help does not wait for the store.
        await Do(now =>
        {
            if (isActive)
            {
                _floor.Raise(new EmergencyAlert(unitId, unit!.CallSign, unit.NameZh, unit.NameEn, unit.Service, now), actor, now);
            }
            else
            {
                _floor.Cancel(unitId, actor, now);
            }
        });
        await state.ReplaceAsync(new ChannelState
        {
            Definition = state.State.Definition, Rules = state.State.Rules, Alerts = [.. _floor.Alerts],
        });
        return Outcome.Ok;
    }

    public Task<FloorState> GetFloor() => Task.FromResult(_floor.Snapshot());

    public async Task<FloorState> Report(ChannelReport report, INodeObserver observer)
    {
        await Do(now => _floor.Report(report, observer, now));
        return _floor.Snapshot();
    }

    public Task Leave(string nodeId) => Do(now => _floor.Leave(nodeId, now));

    private FloorReply Decide(FloorRequest request, UnitDefinition? unit)
    {
        ChannelRight right = RightOf(unit);
        if (unit is null || right < ChannelRight.Talk)
        {
            FloorDenyCause cause = right == ChannelRight.Listen ? FloorDenyCause.ReceiveOnly : FloorDenyCause.NotMember;
            return _floor.Deny(request, cause, _clock.Now);
        }

        FloorReply reply = _floor.Request(request, unit, PriorityOf(unit, request.Actor), _clock.Now);
        Arm(_clock.Now);
        return reply;
    }

    private Task Do(Action<DateTimeOffset> mutate)
    {
        DateTimeOffset now = _clock.Now;
        mutate(now);
        Arm(now);
        return Task.CompletedTask;
    }

    // A timer never fires early by more than its resolution; one millisecond more makes the deadline surely past.
    private void Arm(DateTimeOffset now)
    {
        TimeSpan due = _floor.NextDeadline is { } deadline
            ? TimeSpan.FromMilliseconds(Math.Max(0, (deadline - now).TotalMilliseconds) + 1)
            : Timeout.InfiniteTimeSpan;
        _deadline.Change(due, Timeout.InfiniteTimeSpan);
    }

    private async Task StoreAsync(ChannelDefinition definition, List<ChannelRule> rules, Actor actor, string cause)
    {
        await state.ReplaceAsync(new ChannelState { Definition = definition, Rules = rules, Alerts = state.State.Alerts });
        journal.Append(time, "channel.changed", Id, actor, cause);
        await catalog.ChangedAsync(CatalogKind.Channel, Id, known => known.Set(definition, [.. rules]));
        await RevokeWithoutRightAsync();
        await Do(now => _floor.ChangeRules(definition, now));
    }

    private async Task RevokeWithoutRightAsync()
    {
        foreach (FloorWaiter waiter in _floor.Queue)
        {
            if (RightOf(await FindUnitAsync(waiter.Party.UnitId)) < ChannelRight.Talk)
            {
                await Do(now => _floor.Remove(waiter, FloorDequeueCause.NoPermission, now));
            }
        }

        FloorHolder? holder = _floor.Holder;
        if (holder is not null && RightOf(await FindUnitAsync(holder.UnitId)) < ChannelRight.Talk && holder == _floor.Holder)
        {
            await Do(now => _floor.Revoke(FloorRevokeCause.NoPermission, now));
        }
    }

    // By unit, and at least the dispatchers' for those who dispatch.
    private int PriorityOf(UnitDefinition unit, Actor actor) =>
        RoleOf(actor) >= AccountRole.Dispatcher
            ? Math.Max(unit.Priority, state.State.Definition!.FloorPolicy.DispatcherPriority)
            : unit.Priority;

    // Dispatchers and administrators do where they may listen, everyone else with the right to supervise.
    private async Task<bool> SupervisesAsync(Actor actor)
    {
        ChannelRight needed = RoleOf(actor) >= AccountRole.Dispatcher ? ChannelRight.Listen : ChannelRight.Supervise;
        return RightOf(await FindUnitAsync(actor.UnitId)) >= needed;
    }

    private AccountRole RoleOf(Actor actor) => index.FindAccount(actor.AccountId)?.Role ?? AccountRole.Responder;

    // The index answers at once; the unit itself is asked only when it is newer than this silo's index.
    private async ValueTask<UnitDefinition?> FindUnitAsync(string unitId) =>
        unitId.Length == 0 ? null : index.FindUnit(unitId) ?? await GrainFactory.GetGrain<IUnitGrain>(unitId).Get();

    private ChannelRight RightOf(UnitDefinition? unit) =>
        unit is null || state.State.Definition is not { } definition
            ? ChannelRight.None
            : ChannelRules.Evaluate(definition, state.State.Rules, unit, index.PathOf(unit.TownId));
}
