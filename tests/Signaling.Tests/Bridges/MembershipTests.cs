using System.Collections.Concurrent;
using Comms.Grains.Contracts;
using Comms.Signaling.Bridges;
using Xunit;

namespace Comms.Signaling.Tests.Bridges;

/// <summary>A right that is taken away takes effect on members who are in the channel already.</summary>
public sealed class MembershipTests(BridgeServer server) : IClassFixture<BridgeServer>
{
    [Fact]
    public async Task Stranger_may_neither_join_nor_talk()
    {
        FloorParty party = await server.AddPartyAsync(await server.AddChannelAsync(ChannelRight.None));
        Assert.False((await server.Floors.JoinAsync(party, 0)).IsOk);
        FloorReply reply = await server.Floors.PressAsync(party);
        Assert.Equal((FloorDecision.Denied, FloorDenyCause.NotMember), (reply.Decision, reply.DenyCause));
    }

    [Fact]
    public async Task Listener_is_denied_as_receive_only()
    {
        FloorParty party = await server.AddPartyAsync(await server.AddChannelAsync(ChannelRight.Listen));
        Assert.Equal(ChannelRight.Listen, (await server.Floors.JoinAsync(party, 0)).Right);
        Assert.Equal(FloorDenyCause.ReceiveOnly, (await server.Floors.PressAsync(party)).DenyCause);
    }

    [Fact]
    public async Task Member_whose_rule_goes_is_put_out_and_its_burst_revoked_within_a_second()
    {
        string channel = await server.AddChannelAsync(ChannelRight.None);
        IChannelGrain grain = server.Grains.GetGrain<IChannelGrain>(channel);
        FloorParty party = await server.AddPartyAsync(channel);
        await grain.PutRule(new ChannelRule(ChannelRuleKind.Unit, party.UnitId, ChannelRight.Talk), BridgeServer.Admin);
        await server.Floors.JoinAsync(party, 2);
        await server.Floors.PressAsync(party);
        ConcurrentQueue<ChannelRight> rights = Rights(party);
        var revoked = new TaskCompletionSource<FloorRevokeCause>(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Floors.FloorRevoked += (talker, _, cause) =>
        {
            if (talker.Session == party.Session)
            {
                revoked.TrySetResult(cause);
            }
        };

        await grain.RemoveRule(ChannelRuleKind.Unit, party.UnitId, BridgeServer.Admin);
        Assert.Equal(FloorRevokeCause.NoPermission, await revoked.Task.WaitAsync(TimeSpan.FromSeconds(30)));
        await BridgeServer.UntilAsync(() => rights.Contains(ChannelRight.None), "the member is told that it is out");
        Assert.Contains($"unlisten {party.Session} 2", server.Media.Calls);
        Assert.False(server.Media.OpenGates.ContainsKey(party.Session));
    }

    [Fact]
    public async Task Member_whose_right_shrinks_to_listening_stays_and_is_told()
    {
        string channel = await server.AddChannelAsync(ChannelRight.None);
        IChannelGrain grain = server.Grains.GetGrain<IChannelGrain>(channel);
        FloorParty party = await server.AddPartyAsync(channel);
        await grain.PutRule(new ChannelRule(ChannelRuleKind.Service, "police", ChannelRight.Talk), BridgeServer.Admin);
        await server.Floors.JoinAsync(party, 0);
        ConcurrentQueue<ChannelRight> rights = Rights(party);
        await grain.PutRule(new ChannelRule(ChannelRuleKind.Service, "Police", ChannelRight.Listen), BridgeServer.Admin);
        await BridgeServer.UntilAsync(() => rights.Contains(ChannelRight.Listen), "the member is told of its new right");
        Assert.DoesNotContain($"unlisten {party.Session} 0", server.Media.Calls);
    }

    [Fact]
    public async Task Unit_that_moves_to_another_town_loses_that_towns_channel()
    {
        string channel = await server.AddChannelAsync(ChannelRight.None);
        await server.Grains.GetGrain<IChannelGrain>(channel)
            .PutRule(new ChannelRule(ChannelRuleKind.Town, "east", ChannelRight.Talk), BridgeServer.Admin);
        FloorParty party = await server.AddPartyAsync(channel, "east");
        Assert.True((await server.Floors.JoinAsync(party, 0)).IsOk);
        ConcurrentQueue<ChannelRight> rights = Rights(party);
        IUnitGrain unit = server.Grains.GetGrain<IUnitGrain>(party.UnitId);
        await unit.Put((await unit.Get())! with { TownId = "west" }, BridgeServer.Admin);
        await BridgeServer.UntilAsync(() => rights.Contains(ChannelRight.None), "the moved unit is put out");
    }

    private ConcurrentQueue<ChannelRight> Rights(FloorParty party)
    {
        var rights = new ConcurrentQueue<ChannelRight>();
        server.Floors.RightChanged += (member, right) =>
        {
            if (member.Session == party.Session)
            {
                rights.Enqueue(right);
            }
        };
        return rights;
    }
}
