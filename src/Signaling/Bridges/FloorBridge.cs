using System.Collections.Concurrent;
using Comms.Grains;
using Comms.Grains.Contracts;
using Comms.Media.Node;
using Comms.Media.Numbers;

namespace Comms.Signaling.Bridges;

/// <summary>
/// Joins presses to the channel's grain and the talker's gate. A gate opens by the reply to this node's own request, and
/// is shut by a newer floor, by a renewal that is refused, or by itself when its lease runs out. A waiting request learns from
/// the floor's news that it was granted, and asks once more: the reply opens its gate.
/// </summary>
internal sealed class FloorBridge : IFloorBridge
{
    private readonly IMediaNode _media;
    private readonly FloorGrainCalls _grains;
    private readonly LocalNode _node;
    private readonly ChannelInterests _interests;
    private readonly BridgeInstruments _instruments;
    private readonly TimeProvider _time;
    private readonly ILogger<FloorBridge> _log;
    private readonly ConcurrentDictionary<SessionId, SessionFloor> _sessions = [];
    private readonly ConcurrentDictionary<string, SessionId> _talkers = new(StringComparer.Ordinal);
    private readonly QueuedSessions _queued = new();

    public FloorBridge(
        IMediaNode media, IGrainFactory grains, LocalNode node, ChannelInterests interests,
        BridgeInstruments instruments, TimeProvider time, ILogger<FloorBridge> log)
    {
        _media = media;
        _grains = new FloorGrainCalls(grains, node, log);
        _node = node;
        _interests = interests;
        _instruments = instruments;
        _time = time;
        _log = log;
        interests.FloorChanged += OnFloor;
    }

    public event Action<FloorState>? FloorChanged;

    public event Action<FloorParty, long, FloorRevokeCause>? FloorRevoked;

    public event Action<FloorParty, FloorReply>? FloorGranted;

    public event Action<FloorParty, int>? QueueChanged;

    public event Action<FloorParty, ChannelRight>? RightChanged;

    public FloorState? GetFloor(string channelId) => _interests.Find(channelId)?.Floor;

    public async Task<FloorReply> PressAsync(FloorParty party)
    {
        long arrived = _time.GetTimestamp();
        SessionFloor session = SessionOf(party.Session);
        using SessionFloor.Turn turn = await session.EnterAsync();
        FloorReply reply = session.IsEnded ? FloorGrainCalls.Denied(FloorDenyCause.NoResources) : await PressInTurnAsync(session, party);
        _instruments.Pressed(reply.Decision, reply.DenyCause, _time.GetElapsedTime(arrived));
        return reply;
    }

    public async Task ReleaseAsync(FloorParty party, FloorReleaseCause cause)
    {
        if (!_sessions.TryGetValue(party.Session, out SessionFloor? session))
        {
            return;
        }

        using SessionFloor.Turn turn = await session.EnterAsync();
        await LetGoOfAsync(session, party.ChannelId, cause);
    }

    public async Task<JoinReply> JoinAsync(FloorParty party, int slot)
    {
        SessionFloor session = SessionOf(party.Session);
        using SessionFloor.Turn turn = await session.EnterAsync();
        if (session.IsEnded)
        {
            return new JoinReply(ChannelRight.None, null);
        }

        ChannelRight right = await _grains.Channel(party.ChannelId).GetRight(party.UnitId);
        await LeaveSlotAsync(session, party.Session, slot, exceptChannel: right >= ChannelRight.Listen ? party.ChannelId : null);
        if (right < ChannelRight.Listen)
        {
            return new JoinReply(ChannelRight.None, null);
        }

        if (!await _media.ListenAsync(party.Session, slot, party.ChannelId))
        {
            _sessions.TryRemove(party.Session, out _);
            return new JoinReply(ChannelRight.None, null);
        }

        session.Slots[slot] = party.ChannelId;
        FloorState? floor = await _interests.AddAsync(party.ChannelId, channel => channel.Join(party, slot, right));
        return new JoinReply(right, floor);
    }

    public async Task LeaveAsync(FloorParty party, int slot)
    {
        if (!_sessions.TryGetValue(party.Session, out SessionFloor? session))
        {
            return;
        }

        using SessionFloor.Turn turn = await session.EnterAsync();
        if (session.Slots.TryGetValue(slot, out string? heard) && heard == party.ChannelId)
        {
            await LeaveSlotAsync(session, party.Session, slot, exceptChannel: null);
        }
    }

    public async Task SessionEndedAsync(SessionId session)
    {
        SessionFloor floor = SessionOf(session);
        using SessionFloor.Turn turn = await floor.EnterAsync();
        floor.IsEnded = true;
        _sessions.TryRemove(session, out _);
        foreach ((int slot, string channelId) in floor.Slots)
        {
            _interests.Find(channelId)?.Leave(session, slot);
        }

        floor.Slots.Clear();
        if ((floor.Burst?.Party ?? floor.Queued?.Party) is { } party)
        {
            await LetGoOfAsync(floor, party.ChannelId, FloorReleaseCause.LinkLost);
        }
    }

    public Task WatchAsync(string channelId) => _interests.AddAsync(channelId, channel => channel.Watch(1));

    public void Unwatch(string channelId) => _interests.Find(channelId)?.Watch(-1);

    public Task<Outcome> ArbitrateAsync(string channelId, FloorOrder order) =>
        _grains.OrderAsync(channelId, channel => channel.Arbitrate(order));

    public Task<Outcome> SetEmergencyAsync(string channelId, string unitId, bool isActive, Actor actor) =>
        _grains.OrderAsync(channelId, channel => channel.SetEmergency(unitId, isActive, actor));

    /// <summary>The media node shut a gate by itself: the floor is given back and the talker is told.</summary>
    public async Task GateClosedAsync(GateClosed gate)
    {
        if (!_sessions.TryGetValue(gate.Session, out SessionFloor? session))
        {
            return;
        }

        using SessionFloor.Turn turn = await session.EnterAsync();
        if (session.Burst is { } burst && burst.BurstId == gate.Burst.Value && burst.Party.ChannelId == gate.ChannelId)
        {
            await EndBurstAsync(session, burst, GateEnd.ToRelease(gate.Reason));
            RaiseRevoked(burst, GateEnd.ToRevoke(gate.Reason));
        }
    }

    /// <summary>Renews every open burst with its grain and its gate, and every waiting request; called a few times per lease.</summary>
    public Task RenewAsync() =>
        Task.WhenAll([.. _talkers.Values.Select(RenewAsync), .. _queued.Channels().Select(RenewWaitingAsync)]);

    /// <summary>Takes in a right that was read again; who lost the right to listen is put out.</summary>
    public async Task ApplyRightAsync(string channelId, ChannelMember member, ChannelRight right)
    {
        if (right >= ChannelRight.Listen)
        {
            if (_interests.Find(channelId)?.SetRight(member, right) == true)
            {
                RightChanged?.Invoke(member.Party, right);
            }

            return;
        }

        await LeaveAsync(member.Party, member.Slot);
        _instruments.MemberRemoved();
        _log.MemberRemoved(member.Party.UnitId, channelId);
        RightChanged?.Invoke(member.Party, ChannelRight.None);
    }

    private SessionFloor SessionOf(SessionId session) => _sessions.GetOrAdd(session, _ => new SessionFloor());

    private async Task<FloorReply> PressInTurnAsync(SessionFloor session, FloorParty party)
    {
        await LeaveOtherChannelAsync(session, party.ChannelId);
        OpenBurst? held = session.Burst;
        QueuedRequest? queued = session.Queued;
        if (held is null && queued is null && !await _media.BeginRequestAsync(party.Session, party.ChannelId))
        {
            _sessions.TryRemove(party.Session, out _);
            return FloorGrainCalls.Denied(FloorDenyCause.NoResources);
        }

        FloorReply reply = await AskAsync(party);
        if (held is not null)
        {
            if (held.BurstId == reply.BurstId)
            {
                return reply;
            }

            ForgetBurst(session, held);
            await _media.CloseGateAsync(party.Session);
        }

        if (queued is not null)
        {
            ForgetQueued(session, queued);
        }

        switch (reply.Decision)
        {
            case FloorDecision.Granted:
                return await OpenAsync(session, party, reply, fromQueue: queued is not null);
            case FloorDecision.Queued:
                await _media.CloseGateAsync(party.Session);
                return await WaitAsync(session, party, reply);
            default:
                await _media.CloseGateAsync(party.Session);
                return reply;
        }
    }

    private async Task LeaveOtherChannelAsync(SessionFloor session, string channelId)
    {
        string? other = session.Burst?.Party.ChannelId ?? session.Queued?.Party.ChannelId;
        if (other is not null && other != channelId)
        {
            await LetGoOfAsync(session, other, FloorReleaseCause.Released);
        }
    }

    /// <summary>Ends what the session holds or has asked for in a channel.</summary>
    private Task LetGoOfAsync(SessionFloor session, string channelId, FloorReleaseCause cause)
    {
        if (session.Burst is { } burst && burst.Party.ChannelId == channelId)
        {
            return EndBurstAsync(session, burst, cause);
        }

        return session.Queued is { } queued && queued.Party.ChannelId == channelId
            ? LeaveQueueAsync(session, queued, cause)
            : Task.CompletedTask;
    }

    private Task<FloorReply> AskAsync(FloorParty party) =>
        _grains.RequestAsync(party, GetFloor(party.ChannelId)?.Epoch ?? 0);

    // The node must hear of the floor as long as somebody here waits for it.
    private async Task<FloorReply> WaitAsync(SessionFloor session, FloorParty party, FloorReply reply)
    {
        var queued = new QueuedRequest(party, reply.Epoch, reply.Position);
        session.Queued = queued;
        _queued.Add(party.ChannelId, party.Session);
        FloorState? floor = await _interests.AddAsync(party.ChannelId, channel => channel.Watch(1));

        // It may have been granted before this node began to wait for the news of it.
        return floor is not null && floor.IsHeldBy(_node.Id, party.Session.ToString()) ? await ClaimAsync(session, queued) : reply;
    }

    // The news said that the floor is ours: the reply to our own request opens the gate, as with every press.
    private async Task<FloorReply> ClaimAsync(SessionFloor session, QueuedRequest queued)
    {
        FloorReply reply = await AskAsync(queued.Party);

        // A grain that does not answer leaves the request waiting: the next renewal tries again.
        if (reply.Decision == FloorDecision.Queued || reply.DenyCause == FloorDenyCause.InternalError)
        {
            return reply;
        }

        ForgetQueued(session, queued);
        return reply.Decision == FloorDecision.Granted ? await OpenAsync(session, queued.Party, reply, fromQueue: true) : reply;
    }

    private async Task<FloorReply> OpenAsync(SessionFloor session, FloorParty party, FloorReply reply, bool fromQueue)
    {
        var burst = new OpenBurst(party, reply.BurstId, reply.Epoch, reply.LeaseMs);
        session.Burst = burst;
        _talkers[party.ChannelId] = party.Session;
        var grant = new TalkGrant
        {
            ChannelId = party.ChannelId, Burst = new BurstId(reply.BurstId), Epoch = reply.Epoch, LeaseMs = reply.LeaseMs,
            FromQueue = fromQueue,
        };
        if (!await _media.OpenGateAsync(party.Session, grant))
        {
            await EndBurstAsync(session, burst, FloorReleaseCause.LinkLost);
            return FloorGrainCalls.Denied(FloorDenyCause.NoResources);
        }

        // The burst may have been revoked while its gate was opening; the news found no burst here then.
        if (GetFloor(party.ChannelId) is { } floor && burst.IsOver(floor))
        {
            await RevokeInTurnAsync(session, burst, floor);
        }

        return reply;
    }

    // The gate first: whatever becomes of the grain call, nothing more is sent.
    private async Task EndBurstAsync(SessionFloor session, OpenBurst burst, FloorReleaseCause cause)
    {
        ForgetBurst(session, burst);
        await _media.CloseGateAsync(burst.Party.Session);
        await _grains.ReleaseAsync(burst.Party, burst.BurstId, cause);
    }

    private Task LeaveQueueAsync(SessionFloor session, QueuedRequest queued, FloorReleaseCause cause)
    {
        ForgetQueued(session, queued);
        return _grains.ReleaseAsync(queued.Party, 0, cause);
    }

    private void ForgetQueued(SessionFloor session, QueuedRequest queued)
    {
        session.Queued = null;
        _queued.Remove(queued.Party.ChannelId, queued.Party.Session);
        Unwatch(queued.Party.ChannelId);
    }

    private void ForgetBurst(SessionFloor session, OpenBurst burst)
    {
        session.Burst = null;
        _talkers.TryRemove(new KeyValuePair<string, SessionId>(burst.Party.ChannelId, burst.Party.Session));
    }

    private void OnFloor(FloorState floor)
    {
        FloorChanged?.Invoke(floor);
        if (_talkers.TryGetValue(floor.ChannelId, out SessionId talker) && _sessions.TryGetValue(talker, out SessionFloor? session))
        {
            _ = RevokeAsync(session, floor);
        }

        FollowQueue(floor);
    }

    private void FollowQueue(FloorState floor)
    {
        foreach (SessionId waiting in _queued.In(floor.ChannelId))
        {
            // Most news leave most places as they are.
            if (_sessions.TryGetValue(waiting, out SessionFloor? session)
                && session.Queued?.Position != floor.PositionOf(_node.Id, waiting.ToString()))
            {
                _ = FollowQueueAsync(session, floor);
            }
        }
    }

    private async Task RevokeAsync(SessionFloor session, FloorState floor)
    {
        using SessionFloor.Turn turn = await session.EnterAsync();
        if (session.Burst is { } burst && burst.Party.ChannelId == floor.ChannelId)
        {
            await FollowAsync(session, burst, floor);
        }
    }

    /// <summary>What a floor's news mean for a burst of this node: it is over, or its talker is to stop.</summary>
    private async Task FollowAsync(SessionFloor session, OpenBurst burst, FloorState floor)
    {
        if (burst.IsOver(floor))
        {
            await RevokeInTurnAsync(session, burst, floor);
        }
        else if (floor.BurstId == burst.BurstId && floor.Revoking != FloorRevokeCause.None && !burst.IsTold)
        {
            session.Burst = burst with { IsTold = true };
            RaiseRevoked(burst, floor.Revoking);
        }
    }

    private async Task FollowQueueAsync(SessionFloor session, FloorState news)
    {
        using SessionFloor.Turn turn = await session.EnterAsync();
        if (session.Queued is not { } queued || queued.Party.ChannelId != news.ChannelId)
        {
            return;
        }

        // Several news may have waited for the turn: the newest says it all.
        FloorState floor = GetFloor(news.ChannelId) is { } known && known.Epoch > news.Epoch ? known : news;
        if (floor.IsHeldBy(_node.Id, queued.Party.Session.ToString()))
        {
            await TakeTurnAsync(session, queued, floor);
        }
        else if (floor.Epoch >= queued.Epoch)
        {
            TellPlace(session, queued, floor.PositionOf(_node.Id, queued.Party.Session.ToString()));
        }
    }

    private async Task TakeTurnAsync(SessionFloor session, QueuedRequest queued, FloorState floor)
    {
        FloorReply reply = await ClaimAsync(session, queued);
        if (session.Burst is { } burst && burst.BurstId == reply.BurstId)
        {
            FloorGranted?.Invoke(queued.Party, reply);
            await FollowAsync(session, burst, GetFloor(floor.ChannelId) ?? floor);
        }
        else if (reply.DenyCause != FloorDenyCause.InternalError)
        {
            TellPlace(session, queued, reply.Position);
        }
    }

    private void TellPlace(SessionFloor session, QueuedRequest queued, int position)
    {
        if (position == 0 && session.Queued == queued)
        {
            ForgetQueued(session, queued);
        }

        if (queued.Position != position)
        {
            queued.Position = position;
            QueueChanged?.Invoke(queued.Party, position);
        }
    }

    private async Task RevokeInTurnAsync(SessionFloor session, OpenBurst burst, FloorState floor)
    {
        ForgetBurst(session, burst);
        await _media.CloseGateAsync(burst.Party.Session);
        if (!burst.IsTold)
        {
            RaiseRevoked(burst, burst.CauseOfEnd(floor));
        }
    }

    private void RaiseRevoked(OpenBurst burst, FloorRevokeCause cause)
    {
        _instruments.Revoked(cause);
        _log.BurstRevoked(burst.BurstId, burst.Party.UnitId, burst.Party.ChannelId, cause.ToString());
        FloorRevoked?.Invoke(burst.Party, burst.BurstId, cause);
    }

    private async Task RenewAsync(SessionId talker)
    {
        if (!_sessions.TryGetValue(talker, out SessionFloor? session))
        {
            return;
        }

        using SessionFloor.Turn turn = await session.EnterAsync();
        if (session.Burst is not { } burst)
        {
            return;
        }

        IChannelGrain grain = _grains.Channel(burst.Party.ChannelId);
        try
        {
            if (!await grain.RenewLease(burst.BurstId, _node.Id))
            {
                await RevokeInTurnAsync(session, burst, await grain.GetFloor());
            }
            else if (!await _media.RenewGateAsync(talker, new BurstId(burst.BurstId), burst.LeaseMs))
            {
                await EndBurstAsync(session, burst, FloorReleaseCause.LinkLost);
                RaiseRevoked(burst, FloorRevokeCause.LinkLost);
            }
        }
        catch (Exception fault) when (GrainFault.IsTransient(fault))
        {
            // The gate's own lease decides when the grain stays away.
            _log.GrainFailed($"renewal in {burst.Party.ChannelId}", fault.Message);
        }
    }

    private async Task RenewWaitingAsync(string channelId)
    {
        string[] waiting = [.. _queued.In(channelId).Select(session => session.ToString())];
        if (await _grains.RenewWaitingAsync(channelId, waiting) is { } floor)
        {
            _interests.Observe(floor);
            FollowQueue(floor);
        }
    }

    private async Task LeaveSlotAsync(SessionFloor session, SessionId id, int slot, string? exceptChannel)
    {
        if (!session.Slots.TryGetValue(slot, out string? channelId) || channelId == exceptChannel)
        {
            return;
        }

        session.Slots.Remove(slot);
        _interests.Find(channelId)?.Leave(id, slot);
        await _media.StopListeningAsync(id, slot);
        if (!session.Slots.ContainsValue(channelId))
        {
            await LetGoOfAsync(session, channelId, FloorReleaseCause.Released);
        }
    }
}
