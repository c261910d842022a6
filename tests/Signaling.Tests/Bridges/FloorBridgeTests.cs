using System.Collections.Concurrent;
using Comms.Grains.Contracts;
using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Signaling.Bridges;
using Xunit;

namespace Comms.Signaling.Tests.Bridges;

/// <summary>Presses on a real silo: what media is told, in which order, and who gets the floor.</summary>
public sealed class FloorBridgeTests(BridgeServer server) : IClassFixture<BridgeServer>
{
    private IFloorBridge Floors => server.Floors;

    [Fact]
    public async Task Speech_is_kept_before_the_grain_is_asked_and_the_gate_opens_with_the_grant()
    {
        FloorParty party = await server.AddPartyAsync(await server.AddChannelAsync());
        FloorReply reply = await Floors.PressAsync(party);
        Assert.Equal(FloorDecision.Granted, reply.Decision);
        Assert.Equal(
            [$"begin {party.Session} {party.ChannelId}", $"open {party.Session} {party.ChannelId}"], server.Media.CallsOf(party.Session));
        TalkGrant grant = server.Media.OpenGates[party.Session];
        Assert.Equal((reply.BurstId, reply.Epoch, reply.LeaseMs), (grant.Burst.Value, grant.Epoch, grant.LeaseMs));
        await Floors.ReleaseAsync(party, FloorReleaseCause.Released);
        Assert.False(server.Media.OpenGates.ContainsKey(party.Session));
    }

    [Fact]
    public async Task Second_press_is_denied_with_the_talkers_name_and_its_kept_speech_is_discarded()
    {
        string channel = await server.AddChannelAsync();
        FloorParty first = await server.AddPartyAsync(channel);
        FloorParty second = await server.AddPartyAsync(channel);
        await Floors.PressAsync(first);
        FloorReply denied = await Floors.PressAsync(second);
        Assert.Equal((FloorDecision.Denied, FloorDenyCause.AnotherHasPermission), (denied.Decision, denied.DenyCause));
        Assert.Equal(first.UnitId, denied.Holder!.UnitId);
        Assert.Equal($"close {second.Session} gate", server.Media.CallsOf(second.Session)[^1]);
        Assert.True(server.Media.OpenGates.ContainsKey(first.Session));
    }

    [Fact]
    public async Task Five_hundred_simultaneous_presses_give_exactly_one_grant_and_everyone_else_the_same_holder()
    {
        string channel = await server.AddChannelAsync();
        FloorParty[] parties = await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => server.AddPartyAsync(channel)));
        FloorReply[] replies = await Task.WhenAll(parties.Select(party => Task.Run(() => Floors.PressAsync(party))));
        int winner = Array.FindIndex(replies, reply => reply.Decision == FloorDecision.Granted);
        Assert.Single(replies, reply => reply.Decision == FloorDecision.Granted);
        Assert.All(
            replies.Where((_, at) => at != winner), reply => Assert.Equal(parties[winner].UnitId, reply.Holder!.UnitId));
        Assert.Single(parties, party => server.Media.OpenGates.ContainsKey(party.Session));
    }

    [Fact]
    public async Task Double_press_of_one_session_is_one_burst_and_leaves_the_gate_alone()
    {
        FloorParty party = await server.AddPartyAsync(await server.AddChannelAsync());
        FloorReply[] replies = await Task.WhenAll(Floors.PressAsync(party), Floors.PressAsync(party));
        Assert.All(replies, reply => Assert.Equal(FloorDecision.Granted, reply.Decision));
        Assert.Equal(replies[0].BurstId, replies[1].BurstId);
        Assert.Equal(2, server.Media.CallsOf(party.Session).Count);
    }

    [Fact]
    public async Task Release_sent_right_after_a_press_always_ends_that_press()
    {
        string channel = await server.AddChannelAsync();
        FloorParty party = await server.AddPartyAsync(channel);
        for (int i = 0; i < 50; i++)
        {
            Task<FloorReply> press = Floors.PressAsync(party);
            await Floors.ReleaseAsync(party, FloorReleaseCause.Released);
            await press;
        }

        Assert.Null((await server.Grains.GetGrain<IChannelGrain>(channel).GetFloor()).Holder);
        Assert.False(server.Media.OpenGates.ContainsKey(party.Session));
    }

    [Fact]
    public async Task Press_in_another_channel_ends_the_former_burst()
    {
        FloorParty party = await server.AddPartyAsync(await server.AddChannelAsync());
        FloorParty elsewhere = party with { ChannelId = await server.AddChannelAsync() };
        await Floors.PressAsync(party);
        await Floors.PressAsync(elsewhere);
        Assert.Null((await server.Grains.GetGrain<IChannelGrain>(party.ChannelId).GetFloor()).Holder);
        Assert.Equal(elsewhere.ChannelId, server.Media.OpenGates[party.Session].ChannelId);
    }

    [Fact]
    public async Task Talk_limit_tells_the_talker_and_shuts_the_gate_when_the_grace_is_over()
    {
        FloorParty party = await server.AddPartyAsync(await server.AddChannelAsync(talkLimitSeconds: 1));
        Task<FloorRevokeCause> revoked = NextRevokeAsync(party);
        await Floors.JoinAsync(party, 0);
        await Floors.PressAsync(party);
        Assert.Equal(FloorRevokeCause.BurstTooLong, await revoked.WaitAsync(TimeSpan.FromSeconds(30)));
        await BridgeServer.UntilAsync(() => !server.Media.OpenGates.ContainsKey(party.Session), "the gate is shut");
    }

    [Fact]
    public async Task Renewals_carry_a_burst_far_beyond_its_lease()
    {
        FloorParty party = await server.AddPartyAsync(await server.AddChannelAsync());
        FloorReply reply = await Floors.PressAsync(party);
        int before = server.Media.Renewals;
        await BridgeServer.UntilAsync(() => server.Media.Renewals >= before + 8, "eight renewals, which is two leases");
        FloorState floor = await server.Grains.GetGrain<IChannelGrain>(party.ChannelId).GetFloor();
        Assert.Equal(reply.BurstId, floor.BurstId);
        Assert.NotNull(floor.Holder);
    }

    [Fact]
    public async Task Gate_that_shut_by_silence_gives_the_floor_back_and_tells_the_talker()
    {
        FloorParty party = await server.AddPartyAsync(await server.AddChannelAsync());
        Task<FloorRevokeCause> revoked = NextRevokeAsync(party);
        FloorReply reply = await Floors.PressAsync(party);
        server.Media.Raise(new GateClosed(party.Session, party.ChannelId, new BurstId(reply.BurstId), GateCloseReason.TalkerSilent));
        Assert.Equal(FloorRevokeCause.TalkerSilent, await revoked.WaitAsync(TimeSpan.FromSeconds(30)));
        FloorState floor = await server.Grains.GetGrain<IChannelGrain>(party.ChannelId).GetFloor();
        Assert.Equal((null, FloorRevokeCause.TalkerSilent), (floor.Holder, floor.EndedBecause));
    }

    [Fact]
    public async Task Session_that_ends_leaves_every_channel_and_lets_go_of_its_burst()
    {
        FloorParty party = await server.AddPartyAsync(await server.AddChannelAsync());
        FloorParty other = party with { ChannelId = await server.AddChannelAsync() };
        Assert.True((await Floors.JoinAsync(party, 0)).IsOk);
        Assert.True((await Floors.JoinAsync(other, 1)).IsOk);
        await Floors.PressAsync(party);
        server.Media.Raise(new SessionEnded(party.Session, SessionEndReason.Timeout));
        foreach (string channel in new[] { party.ChannelId, other.ChannelId })
        {
            await BridgeServer.UntilAsync(
                async () => await server.Grains.GetGrain<IChannelGrain>(channel).GetFloor() is { Holder: null, Listeners: 0 },
                $"{channel} idle and without listeners");
        }

        Assert.Equal(FloorDecision.Denied, (await Floors.PressAsync(party)).Decision);
    }

    [Fact]
    public async Task Watchers_and_listeners_hear_of_the_floor_in_order()
    {
        string channel = await server.AddChannelAsync();
        FloorParty talker = await server.AddPartyAsync(channel);
        FloorParty listener = await server.AddPartyAsync(channel);
        var heard = new ConcurrentQueue<FloorState>();
        void Hear(FloorState floor)
        {
            if (floor.ChannelId == channel)
            {
                heard.Enqueue(floor);
            }
        }

        Floors.FloorChanged += Hear;
        await Floors.WatchAsync(channel);
        JoinReply joined = await Floors.JoinAsync(listener, 0);
        Assert.Null(joined.Floor!.Holder);
        await Floors.PressAsync(talker);
        await Floors.ReleaseAsync(talker, FloorReleaseCause.Released);
        await BridgeServer.UntilAsync(
            () => heard.Any(floor => floor.Holder?.UnitId == talker.UnitId) && Floors.GetFloor(channel) is { Holder: null, Listeners: 1 },
            "taken, then idle, with one listener");
        Floors.FloorChanged -= Hear;
        long[] epochs = [.. heard.Select(floor => floor.Epoch)];
        Assert.Equal(epochs.Order(), epochs);
        Floors.Unwatch(channel);
        await Floors.LeaveAsync(listener, 0);
        await BridgeServer.UntilAsync(() => Floors.GetFloor(channel) is null, "nobody here is interested any more");
    }

    private Task<FloorRevokeCause> NextRevokeAsync(FloorParty party)
    {
        var heard = new TaskCompletionSource<FloorRevokeCause>(TaskCreationOptions.RunContinuationsAsynchronously);
        Floors.FloorRevoked += (revoked, _, cause) =>
        {
            if (revoked.Session == party.Session)
            {
                heard.TrySetResult(cause);
            }
        };
        return heard.Task;
    }
}
