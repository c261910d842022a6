using Comms.Grains.Contracts;

namespace Comms.Grains.Channels;

/// <summary>
/// The floor of one channel: the general floor control operation of 3GPP TS 24.380 §6.3.4, owned by the channel's grain. Pure:
/// one mutation with the time as argument, then drain <see cref="TryPollEvent"/> and read <see cref="NextDeadline"/>.
/// </summary>
/// <remarks>
/// "G: pending Floor Revoke" (§6.3.4.5) lasts until the talker releases or T3 runs out when it is revoked for the talk limit or
/// by pre-emption. A lost right and a removed channel take the floor at once, because the server owns the talker's gate.
/// </remarks>
public sealed class FloorControl
{
    private readonly FloorIds _ids = new();
    private readonly Queue<FloorEvent> _events = new();
    private readonly FloorQueue _queue = new();
    private FloorTerms _terms;
    private FloorBid? _holder;
    private DateTimeOffset _leaseEnds;
    private DateTimeOffset? _talkLimitEnds;
    private DateTimeOffset _graceEnds;
    private IReadOnlyList<FloorWaiter>? _queueView;

    /// <summary>Starts in "G: Floor Idle" (§6.3.4.3), with an epoch that is newer than any of an earlier life.</summary>
    public FloorControl(FloorTerms terms, DateTimeOffset now)
    {
        _terms = terms;
        Epoch = _ids.Next(now);
        Since = now;
    }

    /// <summary>Null in "G: Floor Idle" (§6.3.4.3), the talker in "G: Floor Taken" (§6.3.4.4) and while it is being revoked.</summary>
    public FloorHolder? Holder => _holder?.Party;

    /// <summary>The holder talks at emergency level.</summary>
    public bool IsEmergency => _holder?.IsEmergency ?? false;

    /// <summary>The cause in "G: pending Floor Revoke" (§6.3.4.5), else None.</summary>
    public FloorRevokeCause Revoking { get; private set; }

    /// <summary>The burst of the holder; the last one when idle, 0 before the first.</summary>
    public long BurstId { get; private set; }

    /// <summary>Grows with every change of the holder, its state or the queue.</summary>
    public long Epoch { get; private set; }

    public DateTimeOffset Since { get; private set; }

    /// <summary>The last burst that ended; 0 before the first.</summary>
    public long EndedBurstId { get; private set; }

    /// <summary>How it ended; None when by release.</summary>
    public FloorRevokeCause EndedBecause { get; private set; }

    /// <summary>T4 ran out and nobody talked since.</summary>
    public bool IsInactive { get; private set; }

    /// <summary>Who waits, the next first. Nobody waits for an idle floor.</summary>
    public IReadOnlyList<FloorWaiter> Queue => _queueView ??= _queue.View();

    /// <summary>When <see cref="HandleTimeout"/> has something to do; null when never.</summary>
    public DateTimeOffset? NextDeadline
    {
        get
        {
            if (_holder is null)
            {
                return _terms.IdleLimit > TimeSpan.Zero && !IsInactive ? Since + _terms.IdleLimit : null;
            }

            DateTimeOffset next = Revoking != FloorRevokeCause.None && _graceEnds < _leaseEnds ? _graceEnds : _leaseEnds;
            next = _talkLimitEnds < next ? _talkLimitEnds.Value : next;
            return _queue.NextExpiry is { } expiry && expiry < next ? expiry : next;
        }
    }

    /// <summary>The channel's policy changed: it holds for requests and bursts from now on.</summary>
    public void SetTerms(FloorTerms terms) => _terms = terms;

    /// <summary>
    /// Floor Request. Granted when idle; the holder's own session is granted its burst again and a waiting one keeps its place,
    /// so that a lost reply heals. Anyone else pre-empts, waits or is denied, as the terms say.
    /// </summary>
    public FloorVerdict Request(FloorBid bid, DateTimeOffset now)
    {
        HandleTimeout(now);
        if (_holder is null)
        {
            Grant(bid, fromQueue: false, now);
            return new FloorVerdict(FloorDecision.Granted);
        }

        if (IsHolder(bid.Party))
        {
            _leaseEnds = now + _terms.Lease;
            if (bid.IsEmergency && !_holder.IsEmergency)
            {
                SetHolderLevel(true, now);
            }

            return new FloorVerdict(FloorDecision.Granted);
        }

        if (_queue.Find(bid.Party) is { } waiting)
        {
            waiting.ExpiresAt = now + _terms.Lease;
            if (bid.IsEmergency && !waiting.Bid.IsEmergency)
            {
                SetLevel(waiting, true, now);
            }

            return VerdictOf(waiting);
        }

        return WhyNotQueued(bid) is var cause and not FloorDenyCause.None ? Deny(bid, cause) : Enqueue(bid, now);
    }

    /// <summary>
    /// Floor Release. Only the holder's own session ends the burst, and only the burst it names (0: whichever it holds), so that
    /// a late release never ends the next burst; a waiting session that names none gives up its place. False when nothing changed.
    /// </summary>
    public bool Release(FloorRelease release, DateTimeOffset now)
    {
        if (_holder is { Party: var party } && party.UnitId == release.UnitId && party.SessionId == release.SessionId)
        {
            if (release.BurstId != 0 && release.BurstId != BurstId)
            {
                return false;
            }

            End(
                release.Cause switch
                {
                    FloorReleaseCause.TalkerSilent => FloorRevokeCause.TalkerSilent,
                    FloorReleaseCause.LinkLost => FloorRevokeCause.LinkLost,
                    _ => FloorRevokeCause.None,
                },
                now);
            return true;
        }

        if (release.BurstId != 0 || _queue.Find(release.UnitId, release.SessionId) is not { } waiting)
        {
            return false;
        }

        FloorDequeueCause cause = release.Cause == FloorReleaseCause.LinkLost ? FloorDequeueCause.LinkLost : FloorDequeueCause.Released;
        Dequeue(waiting, cause, release.Actor, now);
        return true;
    }

    /// <summary>Takes the floor at once: its talker may not hold it any more. False when idle.</summary>
    public bool Revoke(FloorRevokeCause cause, DateTimeOffset now)
    {
        if (_holder is null)
        {
            return false;
        }

        End(cause, now);
        return true;
    }

    /// <summary>Nobody may talk here any more.</summary>
    public void Close(DateTimeOffset now)
    {
        foreach (WaitingRequest waiting in _queue.All())
        {
            Dequeue(waiting, FloorDequeueCause.ChannelRemoved, Actor.System, now);
        }

        Revoke(FloorRevokeCause.ChannelRemoved, now);
    }

    /// <summary>
    /// A dispatcher revokes the floor from its holder, for a waiting request when one is named, which then stands first. False
    /// when nobody talks or waits so.
    /// </summary>
    public bool Preempt(long requestId, Actor actor, DateTimeOffset now)
    {
        if (_holder is null || (requestId != 0 && !Move(requestId, 1, actor, now)))
        {
            return false;
        }

        BeginRevoke(FloorRevokeCause.Preempted, actor, now);
        return true;
    }

    /// <summary>A dispatcher gives a waiting request another place. False when it does not wait.</summary>
    public bool Move(long requestId, int position, Actor actor, DateTimeOffset now)
    {
        if (_queue.Find(requestId) is not { } waiting)
        {
            return false;
        }

        _queue.Place(waiting, position);
        Advance(now);
        _events.Enqueue(new FloorMoved(waiting.Bid.Party, BurstId, actor, _queue.PositionOf(waiting)));
        return true;
    }

    /// <summary>Takes a waiting request out. False when it does not wait.</summary>
    public bool Remove(long requestId, FloorDequeueCause cause, Actor actor, DateTimeOffset now)
    {
        if (_queue.Find(requestId) is not { } waiting)
        {
            return false;
        }

        Dequeue(waiting, cause, actor, now);
        return true;
    }

    /// <summary>A unit comes into emergency or out of it: its burst and its waiting requests have that level from now on.</summary>
    public void SetEmergency(string unitId, bool isEmergency, DateTimeOffset now)
    {
        if (_holder?.Party.UnitId == unitId)
        {
            SetHolderLevel(isEmergency, now);
        }

        foreach (WaitingRequest waiting in _queue.All())
        {
            // One of several sessions of the unit may have been granted the floor in this very loop.
            if (waiting.Bid.Party.UnitId == unitId && _queue.PositionOf(waiting) > 0)
            {
                SetLevel(waiting, isEmergency, now);
            }
        }

        Advance(now);
    }

    /// <summary>The talker's node is alive and its gate is open. False when that burst does not hold the floor.</summary>
    public bool Renew(long burstId, string nodeId, DateTimeOffset now)
    {
        HandleTimeout(now);
        if (_holder is null || BurstId != burstId || _holder.Party.NodeId != nodeId)
        {
            return false;
        }

        _leaseEnds = now + _terms.Lease;
        return true;
    }

    /// <summary>The node of these waiting sessions is alive.</summary>
    public void RenewWaiting(string nodeId, IReadOnlyCollection<string> sessionIds, DateTimeOffset now)
    {
        HandleTimeout(now);
        foreach (WaitingRequest waiting in _queue.All())
        {
            if (waiting.Bid.Party.NodeId == nodeId && sessionIds.Contains(waiting.Bid.Party.SessionId))
            {
                waiting.ExpiresAt = now + _terms.Lease;
            }
        }
    }

    /// <summary>Ends what has run out: places in the queue, the grace (T3), the lease, the talk limit (T2), idleness (T4). Harmless before the deadline.</summary>
    public void HandleTimeout(DateTimeOffset now)
    {
        foreach (WaitingRequest waiting in _queue.All().Where(waiting => waiting.ExpiresAt <= now))
        {
            Dequeue(waiting, FloorDequeueCause.LinkLost, Actor.System, now);
        }

        if (_holder is null)
        {
            FallInactive(now);
        }
        else if (Revoking != FloorRevokeCause.None && _graceEnds <= now)
        {
            End(Revoking, now);
        }
        else if (_leaseEnds <= now)
        {
            End(FloorRevokeCause.LeaseExpired, now);
        }
        else if (_talkLimitEnds <= now)
        {
            BeginRevoke(FloorRevokeCause.BurstTooLong, Actor.System, now);
        }
    }

    /// <summary>
    /// A node has seen this epoch: when it is of an earlier life of the channel on a machine with a faster clock, the
    /// floor goes on above it, or nodes would take the present floor for an old one. True when the epoch moved.
    /// </summary>
    public bool ObserveEpoch(long knownEpoch, DateTimeOffset now)
    {
        if (knownEpoch <= Epoch)
        {
            return false;
        }

        _ids.RaiseAbove(knownEpoch);
        Advance(now);
        return true;
    }

    public bool TryPollEvent(out FloorEvent? decision) => _events.TryDequeue(out decision);

    private bool IsHolder(FloorHolder party) =>
        _holder is { Party: var holder }
        && holder.UnitId == party.UnitId && holder.NodeId == party.NodeId && holder.SessionId == party.SessionId;

    private bool Preempts(FloorBid bid)
    {
        if (_holder is null || _terms.Preemption == FloorPreemption.Never)
        {
            return false;
        }

        return bid.IsEmergency != _holder.IsEmergency
            ? bid.IsEmergency
            : _terms.Preemption == FloorPreemption.Priority && !bid.IsEmergency && bid.Priority > _holder.Priority;
    }

    private WaitLevel LevelOf(FloorBid bid) =>
        bid.IsEmergency ? WaitLevel.Emergency : Preempts(bid) ? WaitLevel.Preempting : WaitLevel.Normal;

    private void SetHolderLevel(bool isEmergency, DateTimeOffset now)
    {
        _holder = _holder! with { IsEmergency = isEmergency };
        Advance(now);
    }

    private void SetLevel(WaitingRequest waiting, bool isEmergency, DateTimeOffset now)
    {
        waiting.Bid = waiting.Bid with { IsEmergency = isEmergency };
        waiting.Level = LevelOf(waiting.Bid);
        if (isEmergency)
        {
            _queue.Remove(waiting);
            _queue.Add(waiting);
        }

        Advance(now);
        if (Preempts(waiting.Bid))
        {
            BeginRevoke(FloorRevokeCause.Preempted, waiting.Bid.Actor, now);
        }
    }

    // Pre-emption without grace grants in the same breath.
    private FloorVerdict VerdictOf(WaitingRequest waiting) =>
        IsHolder(waiting.Bid.Party)
            ? new FloorVerdict(FloorDecision.Granted)
            : new FloorVerdict(FloorDecision.Queued, Position: _queue.PositionOf(waiting));

    private FloorDenyCause WhyNotQueued(FloorBid bid)
    {
        if (_queue.Count >= FloorQueue.Bound)
        {
            return FloorDenyCause.QueueFull;
        }

        bool mustWait = LevelOf(bid) > WaitLevel.Normal || _queue.Count < _terms.QueueLimit;
        return mustWait ? FloorDenyCause.None
            : _terms.QueueLimit > 0 ? FloorDenyCause.QueueFull
            : FloorDenyCause.AnotherHasPermission;
    }

    private FloorVerdict Deny(FloorBid bid, FloorDenyCause cause)
    {
        _events.Enqueue(new FloorDenied(bid.Party, BurstId, bid.Actor, cause));
        return new FloorVerdict(FloorDecision.Denied, cause);
    }

    private FloorVerdict Enqueue(FloorBid bid, DateTimeOffset now)
    {
        Advance(now);
        var waiting = new WaitingRequest(Epoch, bid, LevelOf(bid), now) { ExpiresAt = now + _terms.Lease };
        bool preempts = Preempts(bid);
        _queue.Add(waiting);
        if (preempts)
        {
            BeginRevoke(FloorRevokeCause.Preempted, bid.Actor, now);
        }

        FloorVerdict verdict = VerdictOf(waiting);
        if (verdict.Decision == FloorDecision.Queued)
        {
            _events.Enqueue(new FloorQueued(bid.Party, BurstId, bid.Actor, verdict.Position, bid.Priority, bid.IsEmergency));
        }

        return verdict;
    }

    private void Dequeue(WaitingRequest waiting, FloorDequeueCause cause, Actor actor, DateTimeOffset now)
    {
        _queue.Remove(waiting);
        Advance(now);
        _events.Enqueue(new FloorDequeued(waiting.Bid.Party, BurstId, actor, cause));
    }

    private void BeginRevoke(FloorRevokeCause cause, Actor actor, DateTimeOffset now)
    {
        if (Revoking != FloorRevokeCause.None)
        {
            return;
        }

        if (_terms.Grace == TimeSpan.Zero)
        {
            End(cause, now);
            return;
        }

        Revoking = cause;
        _graceEnds = now + _terms.Grace;
        _talkLimitEnds = null;
        Advance(now);
        _events.Enqueue(new FloorRevoking(_holder!.Party, BurstId, actor, cause));
    }

    private void Grant(FloorBid bid, bool fromQueue, DateTimeOffset now)
    {
        _holder = bid;
        IsInactive = false;
        Since = now;
        Advance(now);
        BurstId = Epoch;
        _leaseEnds = now + _terms.Lease;
        _talkLimitEnds = _terms.TalkLimit > TimeSpan.Zero ? now + _terms.TalkLimit : null;
        _events.Enqueue(new FloorGranted(bid.Party, BurstId, bid.Actor, fromQueue));
    }

    // A burst that ends while it is being revoked was revoked, whoever was faster.
    private void End(FloorRevokeCause cause, DateTimeOffset now)
    {
        FloorBid ended = _holder!;
        EndedBecause = Revoking == FloorRevokeCause.None ? cause : Revoking;
        EndedBurstId = BurstId;
        Revoking = FloorRevokeCause.None;
        _holder = null;
        _talkLimitEnds = null;
        Since = now;
        Advance(now);
        _events.Enqueue(EndedBecause == FloorRevokeCause.None
            ? new FloorReleased(ended.Party, BurstId, ended.Actor)
            : new FloorRevoked(ended.Party, BurstId, ended.Actor, EndedBecause));
        if (_queue.TakeFirst() is { } next)
        {
            Grant(next.Bid, fromQueue: true, now);
        }
    }

    private void FallInactive(DateTimeOffset now)
    {
        if (_terms.IdleLimit > TimeSpan.Zero && !IsInactive && Since + _terms.IdleLimit <= now)
        {
            IsInactive = true;
            Advance(now);
            _events.Enqueue(new FloorInactive(BurstId));
        }
    }

    private void Advance(DateTimeOffset now)
    {
        _queueView = null;
        Epoch = _ids.Next(now);
    }
}
