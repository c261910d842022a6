using Comms.Grains.Contracts;
using Microsoft.Extensions.Logging;

namespace Comms.Grains.Channels;

/// <summary>
/// The floor of one channel with its audience: every call is one mutation of <see cref="FloorControl"/>, whose decisions
/// are then written to the journal and whose new state is told to the nodes. Owned by the channel's grain.
/// </summary>
internal sealed class ChannelFloor
{
    /// <summary>The gate's lease ends this long before the grain's, so that no gate outlives its burst by a late reply.</summary>
    private const int LeaseMarginMs = 500;

    private readonly string _channelId;
    private readonly GrainOptions _options;
    private readonly IJournal _journal;
    private readonly GrainInstruments _instruments;
    private readonly ILogger _log;
    private readonly FloorControl _control;
    private readonly ChannelAudience _audience;
    private FloorTerms _terms;
    private IReadOnlyList<EmergencyAlert> _alerts;
    private long _toldEpoch;
    private long _rulesVersion;

    public ChannelFloor(
        string channelId, ChannelState state, GrainOptions options, IJournal journal, GrainInstruments instruments, ILogger log,
        DateTimeOffset now)
    {
        _channelId = channelId;
        _options = options;
        _journal = journal;
        _instruments = instruments;
        _log = log;
        _terms = TermsOf(state.Definition);
        _alerts = [.. state.Alerts];
        _control = new FloorControl(_terms, now);
        _audience = new ChannelAudience(TimeSpan.FromMilliseconds(options.ReportExpiryMs));
        _toldEpoch = _control.Epoch;
        _rulesVersion = _control.Epoch;
    }

    public FloorHolder? Holder => _control.Holder;

    public IReadOnlyList<FloorWaiter> Queue => _control.Queue;

    public IReadOnlyList<EmergencyAlert> Alerts => _alerts;

    public DateTimeOffset? NextDeadline => _control.NextDeadline;

    public FloorReply Request(FloorRequest request, UnitDefinition unit, int priority, DateTimeOffset now)
    {
        var party = new FloorHolder(
            unit.Id, unit.CallSign, unit.NameZh, unit.NameEn, unit.Service, request.NodeId, request.SessionId);
        var bid = new FloorBid(party, priority, request.IsEmergency || IsInEmergency(unit.Id), request.Actor);
        _control.ObserveEpoch(request.KnownEpoch, now);
        FloorVerdict verdict = _control.Request(bid, now);
        Publish(now);
        return verdict.Decision switch
        {
            FloorDecision.Granted => new FloorReply(
                FloorDecision.Granted, FloorDenyCause.None, _control.BurstId, _control.Epoch,
                _options.FloorLeaseMs - LeaseMarginMs, (int)_terms.TalkLimit.TotalMilliseconds, null),
            FloorDecision.Queued => new FloorReply(
                FloorDecision.Queued, FloorDenyCause.None, 0, _control.Epoch, 0, 0, Holder, verdict.Position),
            _ => Denied(verdict.Cause),
        };
    }

    /// <summary>Refuses before the floor is asked: the unit may not talk here.</summary>
    public FloorReply Deny(FloorRequest request, FloorDenyCause cause, DateTimeOffset now)
    {
        _journal.Append(new JournalEvent(0, now, "floor.denied", _channelId, request.Actor, cause.ToString()));
        return Denied(cause);
    }

    public void Release(FloorRelease release, DateTimeOffset now)
    {
        _control.Release(release, now);
        Publish(now);
    }

    public void Revoke(FloorRevokeCause cause, DateTimeOffset now)
    {
        _control.Revoke(cause, now);
        Publish(now);
    }

    public void Remove(FloorWaiter waiter, FloorDequeueCause cause, DateTimeOffset now)
    {
        _control.Remove(waiter.RequestId, cause, Actor.System, now);
        Publish(now);
    }

    /// <summary>Carries out a dispatcher's order; false when the floor is no longer so.</summary>
    public bool Arbitrate(FloorOrder order, DateTimeOffset now)
    {
        _control.HandleTimeout(now);
        bool isDone = order.Kind switch
        {
            FloorOrderKind.Move => _control.Move(order.RequestId, order.Position, order.Actor, now),
            FloorOrderKind.Remove => _control.Remove(order.RequestId, FloorDequeueCause.RemovedByDispatcher, order.Actor, now),
            _ => _control.Preempt(order.RequestId, order.Actor, now),
        };
        Publish(now);
        return isDone;
    }

    /// <summary>The channel is gone: nobody talks, waits or is in emergency here.</summary>
    public void Close(DateTimeOffset now)
    {
        _alerts = [];
        _control.Close(now);
        Publish(now, isNews: true);
    }

    public void Raise(EmergencyAlert alert, Actor actor, DateTimeOffset now)
    {
        _alerts = [.. _alerts, alert];
        _journal.Append(new JournalEvent(0, now, "emergency.raised", _channelId, actor, alert.UnitId));
        _control.SetEmergency(alert.UnitId, true, now);
        Publish(now);
    }

    public void Cancel(string unitId, Actor actor, DateTimeOffset now)
    {
        _alerts = [.. _alerts.Where(alert => alert.UnitId != unitId)];
        _journal.Append(new JournalEvent(0, now, "emergency.cancelled", _channelId, actor, unitId));
        _control.SetEmergency(unitId, false, now);
        Publish(now);
    }

    public bool IsInEmergency(string unitId) => _alerts.Any(alert => alert.UnitId == unitId);

    public bool Renew(long burstId, string nodeId, DateTimeOffset now)
    {
        bool isRenewed = _control.Renew(burstId, nodeId, now);
        Publish(now);
        return isRenewed;
    }

    public void RenewWaiting(string nodeId, IReadOnlyCollection<string> sessionIds, DateTimeOffset now)
    {
        _control.RenewWaiting(nodeId, sessionIds, now);
        Publish(now);
    }

    public void HandleTimeout(DateTimeOffset now)
    {
        _control.HandleTimeout(now);
        Publish(now);
    }

    public void Report(ChannelReport report, INodeObserver observer, DateTimeOffset now)
    {
        bool isCounted = _audience.Report(report.NodeId, report.Listeners, observer, now);
        _control.ObserveEpoch(report.KnownEpoch, now);
        Publish(now, isNews: isCounted);
    }

    public void Leave(string nodeId, DateTimeOffset now) => Publish(now, isNews: _audience.Leave(nodeId, now));

    /// <summary>Definition or rules changed: every node checks its members again.</summary>
    public void ChangeRules(ChannelDefinition? definition, DateTimeOffset now)
    {
        _rulesVersion++;
        _control.SetTerms(_terms = TermsOf(definition));
        Publish(now, isNews: true);
    }

    public FloorState Snapshot() => new(
        _channelId, _control.Epoch, _control.Holder, _control.BurstId, _control.Since, _control.EndedBecause,
        _audience.Listeners, _rulesVersion, _control.EndedBurstId, _control.Revoking, _control.IsEmergency,
        _control.Queue.Count == 0 ? null : _control.Queue, _alerts.Count == 0 ? null : _alerts, _control.IsInactive);

    private FloorTerms TermsOf(ChannelDefinition? definition) =>
        FloorTerms.Of(definition, TimeSpan.FromMilliseconds(_options.FloorLeaseMs));

    private FloorReply Denied(FloorDenyCause cause)
    {
        bool isTaken = cause is FloorDenyCause.AnotherHasPermission or FloorDenyCause.QueueFull;
        return new FloorReply(FloorDecision.Denied, cause, 0, _control.Epoch, 0, 0, isTaken ? Holder : null);
    }

    private void Publish(DateTimeOffset now, bool isNews = false)
    {
        while (_control.TryPollEvent(out FloorEvent? decision))
        {
            Write(decision!, now);
        }

        if (isNews || _toldEpoch != _control.Epoch)
        {
            _toldEpoch = _control.Epoch;
            FloorState floor = Snapshot();
            _audience.Tell(node => node.FloorChanged(floor));
        }
    }

    private void Write(FloorEvent decision, DateTimeOffset now)
    {
        (string kind, string cause) = FloorJournal.Describe(decision);
        _journal.Append(new JournalEvent(0, now, kind, _channelId, decision.Actor, cause, decision.BurstId));
        _log.FloorDecided(_channelId, kind, decision.BurstId, decision.Party?.UnitId ?? "");
        if (decision is FloorReleased or FloorRevoked)
        {
            _instruments.FloorEnded((decision as FloorRevoked)?.Cause ?? FloorRevokeCause.None);
        }
    }
}
