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
    private Actor _talker = Actor.System;
    private long _toldEpoch;
    private long _rulesVersion;

    public ChannelFloor(
        string channelId, GrainOptions options, IJournal journal, GrainInstruments instruments, ILogger log, DateTimeOffset now)
    {
        _channelId = channelId;
        _options = options;
        _journal = journal;
        _instruments = instruments;
        _log = log;
        _control = new FloorControl(now);
        _audience = new ChannelAudience(TimeSpan.FromMilliseconds(options.ReportExpiryMs));
        _toldEpoch = _control.Epoch;
        _rulesVersion = _control.Epoch;
    }

    public FloorHolder? Holder => _control.Holder;

    public DateTimeOffset? NextDeadline => _control.NextDeadline;

    private TimeSpan Lease => TimeSpan.FromMilliseconds(_options.FloorLeaseMs);

    public FloorReply Request(FloorRequest request, UnitDefinition unit, TimeSpan talkLimit, DateTimeOffset now)
    {
        var party = new FloorHolder(
            unit.Id, unit.CallSign, unit.NameZh, unit.NameEn, unit.Service, request.NodeId, request.SessionId);
        _control.ObserveEpoch(request.KnownEpoch, now);
        FloorDecision decision = _control.Request(party, new FloorTerms(Lease, talkLimit), now);
        Publish(now, request.Actor);
        return decision == FloorDecision.Granted
            ? new FloorReply(
                FloorDecision.Granted, FloorDenyCause.None, _control.BurstId, _control.Epoch,
                _options.FloorLeaseMs - LeaseMarginMs, (int)talkLimit.TotalMilliseconds, null)
            : Denied(FloorDenyCause.AnotherHasPermission);
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

    public bool Renew(long burstId, string nodeId, DateTimeOffset now)
    {
        bool isRenewed = _control.Renew(burstId, nodeId, Lease, now);
        Publish(now);
        return isRenewed;
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
    public void ChangeRules(DateTimeOffset now)
    {
        _rulesVersion++;
        Publish(now, isNews: true);
    }

    public FloorState Snapshot() => new(
        _channelId, _control.Epoch, _control.Holder, _control.BurstId, _control.Since, _control.EndedBecause,
        _audience.Listeners, _rulesVersion);

    private FloorReply Denied(FloorDenyCause cause) =>
        new(FloorDecision.Denied, cause, 0, _control.Epoch, 0, 0, cause == FloorDenyCause.AnotherHasPermission ? Holder : null);

    private void Publish(DateTimeOffset now, Actor? asker = null, bool isNews = false)
    {
        while (_control.TryPollEvent(out FloorEvent? decision))
        {
            Write(decision!, asker, now);
        }

        if (isNews || _toldEpoch != _control.Epoch)
        {
            _toldEpoch = _control.Epoch;
            FloorState floor = Snapshot();
            _audience.Tell(node => node.FloorChanged(floor));
        }
    }

    private void Write(FloorEvent decision, Actor? asker, DateTimeOffset now)
    {
        (string kind, string cause) = decision switch
        {
            FloorGranted => ("floor.granted", ""),
            FloorDenied denied => ("floor.denied", denied.Cause.ToString()),
            FloorRevoked revoked => ("floor.revoked", revoked.Cause.ToString()),
            _ => ("floor.released", ""),
        };
        if (decision is FloorGranted)
        {
            _talker = asker ?? Actor.System;
        }

        Actor actor = decision is FloorDenied ? asker ?? Actor.System : _talker;
        _journal.Append(new JournalEvent(0, now, kind, _channelId, actor, cause, decision.BurstId));
        _log.FloorDecided(_channelId, kind, decision.BurstId, decision.Party.UnitId);
        if (decision is FloorReleased or FloorRevoked)
        {
            _instruments.FloorEnded((decision as FloorRevoked)?.Cause ?? FloorRevokeCause.None);
        }
    }
}
