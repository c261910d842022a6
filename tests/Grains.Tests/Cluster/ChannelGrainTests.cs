using Comms.Grains.Contracts;
using Xunit;

namespace Comms.Grains.Tests.Cluster;

/// <summary>A channel in a cluster: floor, reports, rules and the news to its nodes.</summary>
[Collection(TwoSilos.Name)]
public sealed class ChannelGrainTests(TwoSilos cluster)
{
    [Fact]
    public async Task Floor_goes_round_and_every_subscribed_node_hears_of_it_in_order()
    {
        IChannelGrain channel = await cluster.AddChannelAsync();
        string unit = await cluster.AddUnitAsync();
        RecordingObserver[] nodes = [new(), new()];
        for (int i = 0; i < nodes.Length; i++)
        {
            FloorState floor = await channel.Report(new ChannelReport($"n{i}", 3, 0), cluster.Reference(nodes[i]));
            Assert.Equal((i + 1) * 3, floor.Listeners);
        }

        FloorReply reply = await channel.RequestFloor(Press(unit));
        Assert.Equal(FloorDecision.Granted, reply.Decision);
        Assert.Equal((60_000, 1000), (reply.TalkLimitMs, reply.LeaseMs));
        await channel.ReleaseFloor(new FloorRelease(unit, "s1", reply.BurstId, FloorReleaseCause.Released, Actor.System));
        foreach (RecordingObserver node in nodes)
        {
            await TwoSilos.UntilAsync(
                () => node.Floors.Any(floor => floor.BurstId == reply.BurstId && floor.Holder?.UnitId == unit)
                    && node.Floors.MaxBy(floor => floor.Epoch)!.Holder is null,
                "taken, then idle");
        }

        string subject = channel.GetPrimaryKeyString();
        await TwoSilos.UntilAsync(
            () => TwoSilos.Journal.Count(entry => entry.Subject == subject && entry.BurstId == reply.BurstId) == 2, "two events");
        Assert.Equal(
            ["floor.granted", "floor.released"],
            TwoSilos.Journal.Where(entry => entry.Subject == subject && entry.BurstId == reply.BurstId).Select(entry => entry.Kind));
        Assert.All(
            TwoSilos.Journal.Where(entry => entry.BurstId == reply.BurstId && entry.Subject == subject),
            entry => Assert.Equal(unit, entry.Actor.UnitId));
    }

    [Fact]
    public async Task Five_hundred_simultaneous_requests_give_exactly_one_grant()
    {
        IChannelGrain channel = await cluster.AddChannelAsync();
        string[] units = await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => cluster.AddUnitAsync()));
        FloorReply[] replies = await Task.WhenAll(units.Select(unit => Task.Run(() => channel.RequestFloor(Press(unit)))));
        FloorReply granted = Assert.Single(replies, reply => reply.Decision == FloorDecision.Granted);
        FloorState floor = await channel.GetFloor();
        Assert.Equal(granted.BurstId, floor.BurstId);
        Assert.All(
            replies.Where(reply => reply.Decision == FloorDecision.Denied),
            reply => Assert.Equal(floor.Holder!.UnitId, reply.Holder!.UnitId));
    }

    [Fact]
    public async Task Burst_whose_node_falls_silent_ends_with_its_lease()
    {
        IChannelGrain channel = await cluster.AddChannelAsync();
        string unit = await cluster.AddUnitAsync();
        var node = new RecordingObserver();
        await channel.Report(new ChannelReport("n1", 1, 0), cluster.Reference(node));
        FloorReply reply = await channel.RequestFloor(Press(unit));
        await TwoSilos.UntilAsync(
            () => node.Floors.Any(floor => floor.Holder is null && floor.EndedBecause == FloorRevokeCause.LeaseExpired), "the lease lapses");
        Assert.False(await channel.RenewLease(reply.BurstId, "n1"));
    }

    [Fact]
    public async Task Epoch_goes_on_above_what_a_node_has_seen()
    {
        IChannelGrain channel = await cluster.AddChannelAsync();
        long seen = (await channel.GetFloor()).Epoch + (3600L * 1000 << 12);
        FloorState floor = await channel.Report(new ChannelReport("n1", 0, seen), cluster.Reference(new RecordingObserver()));
        Assert.True(floor.Epoch > seen);
        FloorReply reply = await channel.RequestFloor(Press(await cluster.AddUnitAsync()) with { KnownEpoch = floor.Epoch + 5 });
        Assert.True(reply.Epoch > floor.Epoch + 5);
    }

    [Fact]
    public async Task Silent_nodes_listeners_are_forgotten()
    {
        IChannelGrain channel = await cluster.AddChannelAsync();
        INodeObserver silent = cluster.Reference(new RecordingObserver());
        INodeObserver lively = cluster.Reference(new RecordingObserver());
        await channel.Report(new ChannelReport("silent", 7, 0), silent);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        int listeners = 0;
        for (int i = 0; i < 150 && listeners != 2; i++)
        {
            await timer.WaitForNextTickAsync();
            listeners = (await channel.Report(new ChannelReport("lively", 2, 0), lively)).Listeners;
        }

        Assert.Equal(2, listeners);
    }

    [Fact]
    public async Task Rights_follow_rules_and_the_number_belongs_to_one_channel()
    {
        string number = cluster.NewId("7700").Replace("u", "", StringComparison.Ordinal);
        IChannelGrain channel = await cluster.AddChannelAsync(ChannelRight.None, number);
        string police = await cluster.AddUnitAsync();
        string fire = await cluster.AddUnitAsync(UnitService.Fire);
        var node = new RecordingObserver();
        FloorState before = await channel.Report(new ChannelReport("n1", 1, 0), cluster.Reference(node));
        Assert.True((await channel.PutRule(new ChannelRule(ChannelRuleKind.Service, "Fire", ChannelRight.Talk), TwoSilos.Admin)).IsOk);
        Assert.Equal([ChannelRight.None, ChannelRight.Talk, ChannelRight.None], await channel.GetRights([police, fire, "nobody"]));
        await TwoSilos.UntilAsync(
            () => node.Floors.Any(floor => floor.Epoch == before.Epoch && floor.RulesVersion != before.RulesVersion), "the node hears of the rule");
        Assert.Single(await channel.GetRules());
        Assert.Equal(OutcomeCode.NotFound, (await channel.RemoveRule(ChannelRuleKind.Unit, police, TwoSilos.Admin)).Code);

        string other = cluster.NewId("ch");
        await TwoSilos.UntilAsync(
            () => cluster.IndexOf(0).FindChannelByNumber(number) is not null || cluster.IndexOf(1).FindChannelByNumber(number) is not null,
            "the channel is indexed");
        Assert.Equal(FloorDenyCause.NotMember, (await channel.RequestFloor(Press(police))).DenyCause);
        Assert.Null(await cluster.Grains.GetGrain<IChannelGrain>(other).Get());
    }

    [Fact]
    public async Task Removed_channel_revokes_its_burst_and_denies_everyone()
    {
        IChannelGrain channel = await cluster.AddChannelAsync();
        string unit = await cluster.AddUnitAsync();
        await channel.RequestFloor(Press(unit));
        Assert.True((await channel.Remove(TwoSilos.Admin)).IsOk);
        FloorState floor = await channel.GetFloor();
        Assert.Equal((null, FloorRevokeCause.ChannelRemoved), (floor.Holder, floor.EndedBecause));
        Assert.Equal(FloorDenyCause.NotMember, (await channel.RequestFloor(Press(unit))).DenyCause);
        Assert.Equal(OutcomeCode.NotFound, (await channel.Remove(TwoSilos.Admin)).Code);
    }

    [Fact]
    public async Task Emergency_alert_outlives_the_grain()
    {
        IChannelGrain channel = await cluster.AddChannelAsync();
        string unit = await cluster.AddUnitAsync();
        Assert.True((await channel.SetEmergency(unit, true, new Actor("", unit, "test"))).IsOk);
        await cluster.Grains.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);
        FloorState floor = await channel.GetFloor();
        Assert.Equal(unit, Assert.Single(floor.Alerts!).UnitId);
        Assert.True((await channel.RequestFloor(Press(unit))).Decision == FloorDecision.Granted && (await channel.GetFloor()).IsEmergency);
        Assert.Equal(OutcomeCode.Forbidden, (await channel.SetEmergency(unit, false, new Actor("", "another", "test"))).Code);
        Assert.True((await channel.SetEmergency(unit, false, new Actor("", unit, "test"))).IsOk);
        Assert.Null((await channel.GetFloor()).Alerts);
    }

    [Fact]
    public async Task Waiting_request_of_a_unit_that_loses_its_right_is_taken_out()
    {
        IChannelGrain channel = await cluster.AddChannelAsync();
        Assert.True((await channel.Put((await channel.Get())! with { Floor = new FloorPolicy(QueueLimit: 5) }, TwoSilos.Admin)).IsOk);
        string[] units = [await cluster.AddUnitAsync(), await cluster.AddUnitAsync()];
        await channel.RequestFloor(Press(units[0]));
        Assert.Equal((FloorDecision.Queued, 1), ((await channel.RequestFloor(Press(units[1]))).Decision, (await channel.GetFloor()).Queue!.Count));
        Assert.True((await channel.PutRule(new ChannelRule(ChannelRuleKind.Unit, units[1], ChannelRight.Listen), TwoSilos.Admin)).IsOk);
        Assert.Null((await channel.GetFloor()).Queue);
        Assert.Equal(FloorDenyCause.ReceiveOnly, (await channel.RequestFloor(Press(units[1]))).DenyCause);
    }

    [Theory]
    [InlineData(51, 1000, 0, 8)]
    [InlineData(0, -1, 0, 8)]
    [InlineData(0, 1000, 86_401, 8)]
    [InlineData(0, 1000, 0, 16)]
    public async Task Floor_policy_out_of_its_bounds_is_refused(int queueLimit, int graceMs, int idleSeconds, int priority)
    {
        IChannelGrain channel = await cluster.AddChannelAsync();
        ChannelDefinition definition = (await channel.Get())!;
        var policy = new FloorPolicy(queueLimit, FloorPreemption.Priority, graceMs, idleSeconds, priority);
        Assert.Equal(OutcomeCode.Invalid, (await channel.Put(definition with { Floor = policy }, TwoSilos.Admin)).Code);
    }

    private static FloorRequest Press(string unitId) => new(unitId, "n1", "s1", new Actor("", unitId, "test"));
}
