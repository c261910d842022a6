using System.Collections.Concurrent;
using Comms.Grains.Contracts;
using Comms.Media.Node;
using Comms.Signaling.Bridges;
using Xunit;

namespace Comms.Signaling.Tests.Bridges;

/// <summary>Queues, pre-emption and emergencies on a real silo: whose gate opens, when, and who is told.</summary>
public sealed class FloorQueueBridgeTests : IClassFixture<BridgeServer>, IDisposable
{
    private static readonly FloorPolicy Queueing = FloorPolicy.Default with { QueueLimit = 50, Preemption = FloorPreemption.Priority };

    private readonly BridgeServer _server;
    private readonly ConcurrentQueue<(FloorParty Party, int Position)> _places = new();
    private readonly ConcurrentQueue<(FloorParty Party, FloorReply Reply)> _grants = new();
    private readonly ConcurrentQueue<(FloorParty Party, FloorRevokeCause Cause)> _revokes = new();

    public FloorQueueBridgeTests(BridgeServer server)
    {
        _server = server;
        Floors.QueueChanged += OnPlace;
        Floors.FloorGranted += OnGrant;
        Floors.FloorRevoked += OnRevoke;
    }

    private IFloorBridge Floors => _server.Floors;

    public void Dispose()
    {
        Floors.QueueChanged -= OnPlace;
        Floors.FloorGranted -= OnGrant;
        Floors.FloorRevoked -= OnRevoke;
    }

    [Fact]
    public async Task Waiting_phone_sends_nothing_and_its_gate_opens_with_live_speech_when_its_turn_comes()
    {
        string channel = await _server.AddChannelAsync(floor: Queueing);
        FloorParty first = await _server.AddPartyAsync(channel);
        FloorParty second = await _server.AddPartyAsync(channel);
        await Floors.PressAsync(first);
        FloorReply queued = await Floors.PressAsync(second);
        Assert.Equal((FloorDecision.Queued, 1), (queued.Decision, queued.Position));
        Assert.Equal($"close {second.Session} gate", _server.Media.CallsOf(second.Session)[^1]);

        await Floors.ReleaseAsync(first, FloorReleaseCause.Released);
        await BridgeServer.UntilAsync(() => _grants.Any(grant => grant.Party == second), "the second is told that it may speak");

        FloorReply reply = _grants.Single(grant => grant.Party == second).Reply;
        TalkGrant grant = _server.Media.OpenGates[second.Session];
        Assert.Equal((reply.BurstId, true), (grant.Burst.Value, grant.FromQueue));
        Assert.False(_server.Media.OpenGates.ContainsKey(first.Session));
        await Floors.ReleaseAsync(second, FloorReleaseCause.Released);
        Assert.Null((await FloorOf(channel)).Holder);
    }

    [Fact]
    public async Task Release_while_waiting_gives_up_the_place_and_tells_the_others()
    {
        string channel = await _server.AddChannelAsync(floor: Queueing);
        FloorParty[] parties = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => _server.AddPartyAsync(channel)));
        foreach (FloorParty party in parties)
        {
            await Floors.PressAsync(party);
        }

        await Floors.ReleaseAsync(parties[1], FloorReleaseCause.Released);
        await BridgeServer.UntilAsync(() => _places.Any(place => place == (parties[2], 1)), "the third is told that it is next");
        Assert.DoesNotContain(_places, place => place.Party == parties[1]);
        Assert.Equal([parties[2].UnitId], (await FloorOf(channel)).Queue!.Select(waiter => waiter.Party.UnitId));
    }

    [Fact]
    public async Task Session_that_ends_while_waiting_leaves_no_place_behind()
    {
        string channel = await _server.AddChannelAsync(floor: Queueing);
        FloorParty first = await _server.AddPartyAsync(channel);
        FloorParty second = await _server.AddPartyAsync(channel);
        await Floors.PressAsync(first);
        await Floors.PressAsync(second);
        _server.Media.Raise(new SessionEnded(second.Session, SessionEndReason.Timeout));
        await BridgeServer.UntilAsync(async () => (await FloorOf(channel)).Queue is null, "nobody waits");
        await Floors.ReleaseAsync(first, FloorReleaseCause.Released);
        Assert.Null((await FloorOf(channel)).Holder);
    }

    [Fact]
    public async Task Place_is_kept_far_beyond_its_lease_while_the_node_lives()
    {
        string channel = await _server.AddChannelAsync(floor: Queueing);
        FloorParty first = await _server.AddPartyAsync(channel);
        FloorParty second = await _server.AddPartyAsync(channel);
        await Floors.PressAsync(first);
        await Floors.PressAsync(second);
        int before = _server.Media.Renewals;
        await BridgeServer.UntilAsync(() => _server.Media.Renewals >= before + 8, "eight renewals, which is two leases");
        Assert.Single((await FloorOf(channel)).Queue!);
    }

    [Fact]
    public async Task Preempted_talker_is_told_before_its_gate_shuts_and_the_other_talks_with_its_release()
    {
        string channel = await _server.AddChannelAsync(floor: Queueing with { RevokeGraceMs = 10_000 });
        FloorParty low = await _server.AddPartyAsync(channel);
        FloorParty high = await PartyOfAsync(channel, priority: 5);
        await Floors.PressAsync(low);
        Assert.Equal(FloorDecision.Queued, (await Floors.PressAsync(high)).Decision);
        await BridgeServer.UntilAsync(() => _revokes.Contains((low, FloorRevokeCause.Preempted)), "the talker is told");
        Assert.True(_server.Media.OpenGates.ContainsKey(low.Session));

        await Floors.ReleaseAsync(low, FloorReleaseCause.Released);
        await BridgeServer.UntilAsync(() => _server.Media.OpenGates.ContainsKey(high.Session), "the other's gate opens");
        Assert.Single(_revokes, revoke => revoke.Party == low);
        Assert.Equal(
            ["floor.granted", "floor.revoking Preempted", "floor.queued position 1, priority 5", "floor.revoked Preempted", "floor.granted Queue"],
            await JournalOf(channel, 5));
    }

    [Fact]
    public async Task Talker_that_does_not_let_go_is_cut_off_when_the_grace_is_over()
    {
        string channel = await _server.AddChannelAsync(floor: Queueing with { RevokeGraceMs = 300 });
        FloorParty low = await _server.AddPartyAsync(channel);
        FloorParty high = await PartyOfAsync(channel, priority: 5);
        await Floors.PressAsync(low);
        await Floors.PressAsync(high);
        await BridgeServer.UntilAsync(
            () => _server.Media.OpenGates.ContainsKey(high.Session) && !_server.Media.OpenGates.ContainsKey(low.Session),
            "one gate shuts and the other opens");
        Assert.Single(_revokes, revoke => revoke.Party == low);
    }

    [Fact]
    public async Task Emergency_takes_the_floor_where_nobody_queues_and_lasts_until_it_is_cancelled()
    {
        string channel = await _server.AddChannelAsync();
        FloorParty talker = await _server.AddPartyAsync(channel);
        FloorParty caller = await _server.AddPartyAsync(channel);
        await Floors.PressAsync(talker);
        Assert.Equal(FloorDenyCause.AnotherHasPermission, (await Floors.PressAsync(caller)).DenyCause);

        Assert.True((await Floors.SetEmergencyAsync(channel, caller.UnitId, true, caller.Actor)).IsOk);
        Assert.Equal(FloorDecision.Queued, (await Floors.PressAsync(caller)).Decision);
        await BridgeServer.UntilAsync(() => _server.Media.OpenGates.ContainsKey(caller.Session), "the emergency talks");
        FloorState floor = await FloorOf(channel);
        Assert.True(floor.IsEmergency);
        Assert.Equal(caller.UnitId, Assert.Single(floor.Alerts!).UnitId);

        Assert.Equal(OutcomeCode.Forbidden, (await Floors.SetEmergencyAsync(channel, caller.UnitId, false, talker.Actor)).Code);
        Assert.True((await Floors.SetEmergencyAsync(channel, caller.UnitId, false, caller.Actor)).IsOk);
        Assert.Null((await FloorOf(channel)).Alerts);
    }

    [Fact]
    public async Task Who_supervises_lets_others_go_ahead_and_takes_them_out_and_nobody_else_does()
    {
        string channel = await _server.AddChannelAsync(floor: Queueing);
        FloorParty[] parties = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => _server.AddPartyAsync(channel)));
        foreach (FloorParty party in parties)
        {
            await Floors.PressAsync(party);
        }

        var supervisor = await _server.AddPartyAsync(channel);
        var rule = new ChannelRule(ChannelRuleKind.Unit, supervisor.UnitId, ChannelRight.Supervise);
        Assert.True((await _server.Grains.GetGrain<IChannelGrain>(channel).PutRule(rule, BridgeServer.Admin)).IsOk);
        IReadOnlyList<FloorWaiter> waiting = (await FloorOf(channel)).Queue!;
        FloorOrder Order(FloorOrderKind kind, FloorParty by, int waiter) => new(kind, waiting[waiter].RequestId, 1, by.Actor);

        Assert.Equal(OutcomeCode.Forbidden, (await Floors.ArbitrateAsync(channel, Order(FloorOrderKind.Move, parties[3], 2))).Code);
        Assert.True((await Floors.ArbitrateAsync(channel, Order(FloorOrderKind.Move, supervisor, 2))).IsOk);
        await BridgeServer.UntilAsync(() => _places.Contains((parties[3], 1)), "the last is told that it is next");
        Assert.True((await Floors.ArbitrateAsync(channel, Order(FloorOrderKind.Remove, supervisor, 0))).IsOk);
        await BridgeServer.UntilAsync(() => _places.Contains((parties[1], 0)), "the removed one is told");
        Assert.Equal(OutcomeCode.NotFound, (await Floors.ArbitrateAsync(channel, Order(FloorOrderKind.Remove, supervisor, 0))).Code);
        Assert.True((await Floors.ArbitrateAsync(channel, Order(FloorOrderKind.Preempt, supervisor, 1))).IsOk);
        await BridgeServer.UntilAsync(() => _server.Media.OpenGates.ContainsKey(parties[2].Session), "the floor is taken for the waiting one");
    }

    [Fact]
    public async Task Five_hundred_simultaneous_presses_give_one_grant_and_as_many_places_as_the_queue_has()
    {
        string channel = await _server.AddChannelAsync(floor: Queueing);
        FloorParty[] parties = await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => _server.AddPartyAsync(channel)));
        FloorReply[] replies = await Task.WhenAll(parties.Select(party => Task.Run(() => Floors.PressAsync(party))));
        Assert.Single(replies, reply => reply.Decision == FloorDecision.Granted);
        Assert.Equal(Enumerable.Range(1, 50), replies.Where(reply => reply.Decision == FloorDecision.Queued).Select(reply => reply.Position).Order());
        Assert.Equal(449, replies.Count(reply => reply.DenyCause == FloorDenyCause.QueueFull));
        Assert.Single(_server.Media.OpenGates.Keys, session => parties.Any(party => party.Session == session));
    }

    [Fact]
    public async Task Press_in_another_channel_gives_up_the_place_in_the_first()
    {
        string channel = await _server.AddChannelAsync(floor: Queueing);
        FloorParty talker = await _server.AddPartyAsync(channel);
        FloorParty waiter = await _server.AddPartyAsync(channel);
        await Floors.PressAsync(talker);
        await Floors.PressAsync(waiter);
        Assert.Equal(FloorDecision.Granted, (await Floors.PressAsync(waiter with { ChannelId = await _server.AddChannelAsync() })).Decision);
        Assert.Null((await FloorOf(channel)).Queue);
    }

    private void OnPlace(FloorParty party, int position) => _places.Enqueue((party, position));

    private void OnGrant(FloorParty party, FloorReply reply) => _grants.Enqueue((party, reply));

    private void OnRevoke(FloorParty party, long burst, FloorRevokeCause cause) => _revokes.Enqueue((party, cause));

    private Task<FloorState> FloorOf(string channel) => _server.Grains.GetGrain<IChannelGrain>(channel).GetFloor();

    private async Task<FloorParty> PartyOfAsync(string channel, int priority)
    {
        FloorParty party = await _server.AddPartyAsync(channel);
        IUnitGrain unit = _server.Grains.GetGrain<IUnitGrain>(party.UnitId);
        Assert.True((await unit.Put((await unit.Get())! with { Priority = priority }, BridgeServer.Admin)).IsOk);
        await BridgeServer.UntilAsync(() => _server.Index.FindUnit(party.UnitId)?.Priority == priority, "the index knows the priority");
        return party;
    }

    private async Task<string[]> JournalOf(string channel, int count)
    {
        string[] entries = [];
        await BridgeServer.UntilAsync(
            async () =>
            {
                entries = [.. (await _server.Journal.ReadLast(200)).Where(entry => entry.Subject == channel && entry.Kind.StartsWith("floor.", StringComparison.Ordinal))
                    .OrderBy(entry => entry.Id).Select(entry => $"{entry.Kind} {entry.Cause}".TrimEnd())];
                return entries.Length >= count;
            },
            $"{count} decisions in the journal");
        return entries;
    }
}
