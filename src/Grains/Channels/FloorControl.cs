using Comms.Grains.Contracts;

namespace Comms.Grains.Channels;

/// <summary>
/// The floor of one channel: the general floor control operation of 3GPP TS 24.380 §6.3.4, owned by the channel's grain. Pure: one mutation with the time as argument, then drain <see cref="TryPollEvent"/> and read
/// <see cref="NextDeadline"/>.
/// </summary>
/// <remarks>
/// Deviation: §6.3.4.5 keeps "G: pending Floor Revoke" until the talker agrees or T3 runs out. Here the server owns the
/// talker's gate, so a revoke takes effect at once and that state has no duration.
/// </remarks>
public sealed class FloorControl
{
    private readonly FloorIds _ids = new();
    private readonly Queue<FloorEvent> _events = new();
    private DateTimeOffset _leaseEnds;
    private DateTimeOffset? _talkLimitEnds;

    /// <summary>Starts in "G: Floor Idle" (§6.3.4.3), with an epoch that is newer than any of an earlier life.</summary>
    public FloorControl(DateTimeOffset now)
    {
        Epoch = _ids.Next(now);
        Since = now;
    }

    /// <summary>Null in "G: Floor Idle" (§6.3.4.3), the talker in "G: Floor Taken" (§6.3.4.4).</summary>
    public FloorHolder? Holder { get; private set; }

    /// <summary>The burst of the holder; the last one when idle, 0 before the first.</summary>
    public long BurstId { get; private set; }

    /// <summary>Grows with every change between idle and taken.</summary>
    public long Epoch { get; private set; }

    public DateTimeOffset Since { get; private set; }

    /// <summary>How the last burst ended; None when by release.</summary>
    public FloorRevokeCause EndedBecause { get; private set; }

    /// <summary>When <see cref="HandleTimeout"/> has something to do; null when idle.</summary>
    public DateTimeOffset? NextDeadline =>
        Holder is null ? null
        : _talkLimitEnds < _leaseEnds ? _talkLimitEnds
        : _leaseEnds;

    /// <summary>
    /// Floor Request. Granted when idle; the holder's own session is granted its burst again, so that
    /// a lost Floor Granted heals; anyone else is denied.
    /// </summary>
    public FloorDecision Request(FloorHolder party, FloorTerms terms, DateTimeOffset now)
    {
        HandleTimeout(now);
        if (Holder is not null)
        {
            if (IsHolder(party.UnitId, party.NodeId, party.SessionId))
            {
                _leaseEnds = now + terms.Lease;
                return FloorDecision.Granted;
            }

            _events.Enqueue(new FloorDenied(party, BurstId, FloorDenyCause.AnotherHasPermission));
            return FloorDecision.Denied;
        }

        Holder = party;
        EndedBecause = FloorRevokeCause.None;
        Advance(now);
        BurstId = Epoch;
        _leaseEnds = now + terms.Lease;
        _talkLimitEnds = terms.TalkLimit > TimeSpan.Zero ? now + terms.TalkLimit : null;
        _events.Enqueue(new FloorGranted(party, BurstId));
        return FloorDecision.Granted;
    }

    /// <summary>
    /// Floor Release. Only the holder's own session ends the burst, and only the burst it names (0: whichever it holds),
    /// so that a late release never ends the next burst. False when nothing changed.
    /// </summary>
    public bool Release(FloorRelease release, DateTimeOffset now)
    {
        if (Holder is null
            || Holder.UnitId != release.UnitId
            || Holder.SessionId != release.SessionId
            || (release.BurstId != 0 && release.BurstId != BurstId))
        {
            return false;
        }

        FloorRevokeCause cause = release.Cause switch
        {
            FloorReleaseCause.TalkerSilent => FloorRevokeCause.TalkerSilent,
            FloorReleaseCause.LinkLost => FloorRevokeCause.LinkLost,
            _ => FloorRevokeCause.None,
        };
        End(cause, now);
        return true;
    }

    /// <summary>Takes the floor from its holder: lost permission, pre-emption, the channel's end. False when idle.</summary>
    public bool Revoke(FloorRevokeCause cause, DateTimeOffset now)
    {
        if (Holder is null)
        {
            return false;
        }

        End(cause, now);
        return true;
    }

    /// <summary>The talker's node is alive and its gate is open. False when that burst does not hold the floor.</summary>
    public bool Renew(long burstId, string nodeId, TimeSpan lease, DateTimeOffset now)
    {
        HandleTimeout(now);
        if (Holder is null || BurstId != burstId || Holder.NodeId != nodeId)
        {
            return false;
        }

        _leaseEnds = now + lease;
        return true;
    }

    /// <summary>Ends a burst whose talk limit (T2) or lease has run out. Harmless before the deadline.</summary>
    public void HandleTimeout(DateTimeOffset now)
    {
        if (Holder is null)
        {
            return;
        }

        if (_talkLimitEnds <= now)
        {
            End(FloorRevokeCause.BurstTooLong, now);
        }
        else if (_leaseEnds <= now)
        {
            End(FloorRevokeCause.LeaseExpired, now);
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
        Epoch = _ids.Next(now);
        return true;
    }

    public bool TryPollEvent(out FloorEvent? decision) => _events.TryDequeue(out decision);

    private bool IsHolder(string unitId, string nodeId, string sessionId) =>
        Holder is not null && Holder.UnitId == unitId && Holder.NodeId == nodeId && Holder.SessionId == sessionId;

    private void End(FloorRevokeCause cause, DateTimeOffset now)
    {
        FloorHolder party = Holder!;
        Holder = null;
        EndedBecause = cause;
        Advance(now);
        _events.Enqueue(cause == FloorRevokeCause.None
            ? new FloorReleased(party, BurstId)
            : new FloorRevoked(party, BurstId, cause));
    }

    private void Advance(DateTimeOffset now)
    {
        Epoch = _ids.Next(now);
        Since = now;
    }
}
