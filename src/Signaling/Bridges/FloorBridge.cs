using System.Collections.Concurrent;
using Comms.Grains;
using Comms.Grains.Contracts;
using Comms.Media.Node;
using Comms.Media.Numbers;

namespace Comms.Signaling.Bridges;

/// <summary>
/// Joins presses to the channel's grain and the talker's gate. A gate opens by the reply to this node's own request, and
/// is shut by a newer floor, by a renewal that is refused, or by itself when its lease runs out.
/// </summary>
internal sealed class FloorBridge : IFloorBridge
{
    private readonly IMediaNode _media;
    private readonly IGrainFactory _grains;
    private readonly LocalNode _node;
    private readonly ChannelInterests _interests;
    private readonly BridgeInstruments _instruments;
    private readonly TimeProvider _time;
    private readonly ILogger<FloorBridge> _log;
    private readonly ConcurrentDictionary<SessionId, SessionFloor> _sessions = [];
    private readonly ConcurrentDictionary<string, SessionId> _talkers = new(StringComparer.Ordinal);

    public FloorBridge(
        IMediaNode media, IGrainFactory grains, LocalNode node, ChannelInterests interests,
        BridgeInstruments instruments, TimeProvider time, ILogger<FloorBridge> log)
    {
        _media = media;
        _grains = grains;
        _node = node;
        _interests = interests;
        _instruments = instruments;
        _time = time;
        _log = log;
        interests.FloorChanged += OnFloor;
    }

    public event Action<FloorState>? FloorChanged;

    public event Action<FloorParty, long, FloorRevokeCause>? FloorRevoked;

    public event Action<FloorParty, ChannelRight>? RightChanged;

    public FloorState? GetFloor(string channelId) => _interests.Find(channelId)?.Floor;

    public async Task<FloorReply> PressAsync(FloorParty party)
    {
        long arrived = _time.GetTimestamp();
        SessionFloor session = SessionOf(party.Session);
        using SessionFloor.Turn turn = await session.EnterAsync();
        FloorReply reply = session.IsEnded
            ? Denied(FloorDenyCause.NoResources)
            : await PressInTurnAsync(session, party);
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
        if (session.Burst is { } burst && burst.Party.ChannelId == party.ChannelId)
        {
            await EndBurstAsync(session, burst, cause);
        }
    }

    public async Task<JoinReply> JoinAsync(FloorParty party, int slot)
    {
        SessionFloor session = SessionOf(party.Session);
        using SessionFloor.Turn turn = await session.EnterAsync();
        if (session.IsEnded)
        {
            return new JoinReply(ChannelRight.None, null);
        }

        ChannelRight right = await _grains.GetGrain<IChannelGrain>(party.ChannelId).GetRight(party.UnitId);
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
        if (floor.Burst is { } burst)
        {
            await EndBurstAsync(floor, burst, FloorReleaseCause.LinkLost);
        }
    }

    public Task WatchAsync(string channelId) => _interests.AddAsync(channelId, channel => channel.Watch(1));

    public void Unwatch(string channelId) => _interests.Find(channelId)?.Watch(-1);

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
            FloorReleaseCause cause = gate.Reason == GateCloseReason.TalkerSilent
                ? FloorReleaseCause.TalkerSilent
                : FloorReleaseCause.LinkLost;
            await EndBurstAsync(session, burst, cause);
            RaiseRevoked(burst, gate.Reason switch
            {
                GateCloseReason.TalkerSilent => FloorRevokeCause.TalkerSilent,
                GateCloseReason.LeaseExpired => FloorRevokeCause.LeaseExpired,
                _ => FloorRevokeCause.LinkLost,
            });
        }
    }

    /// <summary>Renews every open burst with its grain and its gate; called a few times per lease.</summary>
    public Task RenewAsync() => Task.WhenAll(_talkers.Values.Select(RenewAsync));

    /// <summary>Reads the rights of a channel's local members again, of all or of some units; who lost the right to listen is put out.</summary>
    public async Task CheckRightsAsync(string channelId, IReadOnlySet<string>? unitIds)
    {
        IReadOnlyList<ChannelMember> members =
            _interests.Find(channelId)?.Members(member => unitIds is null || unitIds.Contains(member.Party.UnitId)) ?? [];
        foreach (ChannelMember[] part in members.Chunk(512))
        {
            IReadOnlyList<ChannelRight> rights =
                await _grains.GetGrain<IChannelGrain>(channelId).GetRights([.. part.Select(member => member.Party.UnitId)]);
            for (int i = 0; i < part.Length; i++)
            {
                await ApplyRightAsync(channelId, part[i], rights[i]);
            }
        }
    }

    private SessionFloor SessionOf(SessionId session) => _sessions.GetOrAdd(session, _ => new SessionFloor());

    private async Task<FloorReply> PressInTurnAsync(SessionFloor session, FloorParty party)
    {
        if (session.Burst is { } other && other.Party.ChannelId != party.ChannelId)
        {
            await EndBurstAsync(session, other, FloorReleaseCause.Released);
        }

        OpenBurst? held = session.Burst;
        if (held is null && !await _media.BeginRequestAsync(party.Session, party.ChannelId))
        {
            _sessions.TryRemove(party.Session, out _);
            return Denied(FloorDenyCause.NoResources);
        }

        FloorReply reply = await AskAsync(party);
        if (reply.Decision == FloorDecision.Granted && held?.BurstId == reply.BurstId)
        {
            return reply;
        }

        if (held is not null)
        {
            ForgetBurst(session, held);
            await _media.CloseGateAsync(party.Session);
        }

        if (reply.Decision == FloorDecision.Denied)
        {
            await _media.CloseGateAsync(party.Session);
            return reply;
        }

        return await OpenAsync(session, party, reply);
    }

    private async Task<FloorReply> AskAsync(FloorParty party)
    {
        try
        {
            return await _grains.GetGrain<IChannelGrain>(party.ChannelId).RequestFloor(new FloorRequest(
                party.UnitId, _node.Id, party.Session.ToString(), party.Actor, GetFloor(party.ChannelId)?.Epoch ?? 0));
        }
        catch (Exception fault) when (GrainFault.IsTransient(fault))
        {
            _log.GrainFailed($"press in {party.ChannelId}", fault.Message);
            return Denied(FloorDenyCause.InternalError);
        }
    }

    private async Task<FloorReply> OpenAsync(SessionFloor session, FloorParty party, FloorReply reply)
    {
        var burst = new OpenBurst(party, reply.BurstId, reply.Epoch, reply.LeaseMs);
        session.Burst = burst;
        _talkers[party.ChannelId] = party.Session;
        var grant = new TalkGrant
        {
            ChannelId = party.ChannelId, Burst = new BurstId(reply.BurstId), Epoch = reply.Epoch, LeaseMs = reply.LeaseMs,
        };
        if (!await _media.OpenGateAsync(party.Session, grant))
        {
            await EndBurstAsync(session, burst, FloorReleaseCause.LinkLost);
            return Denied(FloorDenyCause.NoResources);
        }

        // The burst may have been revoked while its gate was opening; the news found no burst here then.
        if (GetFloor(party.ChannelId) is { } floor && IsOver(burst, floor))
        {
            await RevokeInTurnAsync(session, burst, floor);
        }

        return reply;
    }

    private static FloorReply Denied(FloorDenyCause cause) => new(FloorDecision.Denied, cause, 0, 0, 0, 0, null);

    private static bool IsOver(OpenBurst burst, FloorState floor) =>
        floor.Epoch > burst.Epoch && (floor.Holder is null || floor.BurstId != burst.BurstId);

    // The gate first: whatever becomes of the grain call, nothing more is sent.
    private async Task EndBurstAsync(SessionFloor session, OpenBurst burst, FloorReleaseCause cause)
    {
        ForgetBurst(session, burst);
        await _media.CloseGateAsync(burst.Party.Session);
        try
        {
            await _grains.GetGrain<IChannelGrain>(burst.Party.ChannelId).ReleaseFloor(new FloorRelease(
                burst.Party.UnitId, burst.Party.Session.ToString(), burst.BurstId, cause, burst.Party.Actor));
        }
        catch (Exception fault) when (GrainFault.IsTransient(fault))
        {
            // The grain ends the burst itself when its lease runs out.
            _log.GrainFailed($"release in {burst.Party.ChannelId}", fault.Message);
        }
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
    }

    private async Task RevokeAsync(SessionFloor session, FloorState floor)
    {
        using SessionFloor.Turn turn = await session.EnterAsync();
        if (session.Burst is { } burst && burst.Party.ChannelId == floor.ChannelId && IsOver(burst, floor))
        {
            await RevokeInTurnAsync(session, burst, floor);
        }
    }

    private async Task RevokeInTurnAsync(SessionFloor session, OpenBurst burst, FloorState floor)
    {
        ForgetBurst(session, burst);
        await _media.CloseGateAsync(burst.Party.Session);

        // A floor that is taken again already no longer says how this burst ended; only a lapsed lease goes unnoticed so long.
        RaiseRevoked(burst, floor.EndedBecause == FloorRevokeCause.None ? FloorRevokeCause.LeaseExpired : floor.EndedBecause);
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

        IChannelGrain grain = _grains.GetGrain<IChannelGrain>(burst.Party.ChannelId);
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

    private async Task ApplyRightAsync(string channelId, ChannelMember member, ChannelRight right)
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

    private async Task LeaveSlotAsync(SessionFloor session, SessionId id, int slot, string? exceptChannel)
    {
        if (!session.Slots.TryGetValue(slot, out string? channelId) || channelId == exceptChannel)
        {
            return;
        }

        session.Slots.Remove(slot);
        _interests.Find(channelId)?.Leave(id, slot);
        await _media.StopListeningAsync(id, slot);
        if (session.Burst is { } burst && burst.Party.ChannelId == channelId && !session.Slots.ContainsValue(channelId))
        {
            await EndBurstAsync(session, burst, FloorReleaseCause.Released);
        }
    }
}
