using Comms.Grains.Contracts;
using Comms.Grains.Directory;
using Comms.Grains.Rehearsals;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Comms.Grains.Tests.Cluster;

/// <summary>A rehearsal in a cluster: its phones are found on every node, take part in the floor, and go when their time is over.</summary>
[Collection(TwoSilos.Name)]
public sealed class RehearsalGrainTests(TwoSilos cluster)
{
    [Fact]
    public async Task Phones_are_found_on_every_node_and_in_no_list()
    {
        RehearsalDefinition rehearsal = await StartAsync(20_000, 2, TimeSpan.FromHours(1));
        await AnnounceAsync(rehearsal.Id);
        for (int silo = 0; silo < 2; silo++)
        {
            DirectoryIndex index = cluster.IndexOf(silo);
            Assert.Equal($"{rehearsal.Id}-c1", index.FindUnit($"{rehearsal.Id}-00001")?.RehearsalChannelId);
            Assert.Equal($"{rehearsal.Id}-c2", index.FindUnit($"{rehearsal.Id}-20000")?.RehearsalChannelId);
            Assert.Equal(AccountRole.Responder, index.FindAccount($"{rehearsal.Id}-20000")?.Role);
            Assert.Null(index.FindUnit($"{rehearsal.Id}-20001"));
            Assert.Empty(index.Units(new DirectoryQuery(rehearsal.Id)).Items);
            Assert.Empty(index.Accounts(new DirectoryQuery(rehearsal.Id)).Items);
        }

        await EndAsync(rehearsal.Id);
    }

    [Fact]
    public async Task A_phone_gets_the_floor_of_its_own_channel_only()
    {
        RehearsalDefinition rehearsal = await StartAsync(10, 2, TimeSpan.FromHours(1));
        IChannelGrain first = cluster.Grains.GetGrain<IChannelGrain>($"{rehearsal.Id}-c1");
        IChannelGrain second = cluster.Grains.GetGrain<IChannelGrain>($"{rehearsal.Id}-c2");
        var press = new FloorRequest($"{rehearsal.Id}-00001", "n0", "s1", Actor.System);

        await AnnounceAsync(rehearsal.Id);
        Assert.Equal(FloorDecision.Granted, (await first.RequestFloor(press)).Decision);
        Assert.Equal(FloorDenyCause.NotMember, (await second.RequestFloor(press)).DenyCause);
        await EndAsync(rehearsal.Id);
        Assert.Null((await first.GetFloor()).Holder);
        Assert.Equal(FloorDenyCause.NotMember, (await first.RequestFloor(press)).DenyCause);
    }

    [Fact]
    public async Task A_rehearsal_whose_time_is_over_is_removed_also_by_a_node_that_read_it_from_the_store()
    {
        RehearsalDefinition rehearsal = await StartAsync(100, 1, TimeSpan.FromMinutes(30));
        RehearsalDefinition longer = await StartAsync(100, 1, TimeSpan.FromHours(2));
        DirectoryIndex index = cluster.IndexOf(0);
        await AnnounceAsync(rehearsal.Id);
        await AnnounceAsync(longer.Id);
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow() + TimeSpan.FromHours(1));
        using var expiry = new RehearsalExpiry(index, cluster.Grains, time, NullLogger<RehearsalExpiry>.Instance);
        await expiry.EndExpiredAsync();

        Assert.Null(await cluster.Grains.GetGrain<IRehearsalGrain>(rehearsal.Id).Get());
        Assert.Null(await cluster.Grains.GetGrain<IChannelGrain>($"{rehearsal.Id}-c1").Get());
        Assert.NotNull(await cluster.Grains.GetGrain<IRehearsalGrain>(longer.Id).Get());
        await AnnounceAsync(rehearsal.Id);
        Assert.All([0, 1], silo => Assert.Null(cluster.IndexOf(silo).FindAccount($"{rehearsal.Id}-00001")));

        await TwoSilos.UntilAsync(() => TwoSilos.Journal.Count(entry => entry.Subject == rehearsal.Id) == 2, "two events");
        Assert.Equal(
            ["rehearsal.started 100 phones, 1 channels, 30 minutes", "rehearsal.ended expired"],
            TwoSilos.Journal.Where(entry => entry.Subject == rehearsal.Id).Select(entry => $"{entry.Kind} {entry.Cause}"));
        await EndAsync(longer.Id);
    }

    private async Task<RehearsalDefinition> StartAsync(int phones, int channels, TimeSpan duration)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        var rehearsal = new RehearsalDefinition(cluster.NewId("rh"), "Load", phones, channels, "city", "", now, now + duration);
        Outcome outcome = await cluster.Grains.GetGrain<IRehearsalGrain>(rehearsal.Id).Start(rehearsal, TwoSilos.Admin);
        Assert.True(outcome.IsOk, outcome.Detail);
        return rehearsal;
    }

    private async Task EndAsync(string id) => Assert.True((await cluster.Grains.GetGrain<IRehearsalGrain>(id).End("removed", TwoSilos.Admin)).IsOk);

    /// <summary>What each node does on an announcement; these silos have no nodes of their own.</summary>
    private Task AnnounceAsync(string id) => Task.WhenAll(Enumerable.Range(0, 2).Select(silo => cluster.IndexOf(silo).RefreshAsync(CatalogKind.Rehearsal, id)));
}
