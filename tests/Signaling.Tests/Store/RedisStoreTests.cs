using Comms.Grains.Contracts;
using Comms.Media.Numbers;
using Comms.Signaling.Bridges;
using Comms.Signaling.Store;
using Comms.Signaling.Tests.Bridges;
using Xunit;

namespace Comms.Signaling.Tests.Store;

/// <summary>The same on a real Redis, where several servers are one cluster.</summary>
public sealed class RedisStoreTests : StoreContractTests, IAsyncLifetime
{
    private readonly DirectoryInfo _folder = System.IO.Directory.CreateTempSubdirectory("comms-redis-");
    private RedisProcess _redis = null!;

    protected override StoreOptions Options => new() { Redis = _redis.ConnectionString, DataFolder = _folder.FullName };

    public async Task InitializeAsync() => _redis = await RedisProcess.StartAsync();

    public async Task DisposeAsync()
    {
        await _redis.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Two_servers_on_one_Redis_share_channels_floors_and_news()
    {
        var first = new BridgeServer();
        var second = new BridgeServer();
        await first.StartAsync(Options);
        await second.StartAsync(Options);
        string channel = await first.AddChannelAsync();
        FloorParty here = await first.AddPartyAsync(channel, "");
        var unit = new UnitDefinition("far", "P-9", "警", "Police", UnitService.Police, "");
        Assert.True((await second.Grains.GetGrain<IUnitGrain>("far").Put(unit, BridgeServer.Admin)).IsOk);
        var there = new FloorParty(channel, "far", new SessionId(77), BridgeServer.Admin);
        await BridgeServer.UntilAsync(
            () => first.Index.FindUnit("far") is not null && second.Index.FindChannel(channel) is not null, "each hears of the other's");

        Assert.True((await first.Floors.JoinAsync(here, 0)).IsOk);
        Assert.True((await second.Floors.JoinAsync(there, 0)).IsOk);
        FloorReply[] replies = await Task.WhenAll(first.Floors.PressAsync(here), second.Floors.PressAsync(there));
        Assert.Single(replies, reply => reply.Decision == FloorDecision.Granted);
        string talker = replies[0].Decision == FloorDecision.Granted ? here.UnitId : there.UnitId;
        foreach (BridgeServer server in new[] { first, second })
        {
            await BridgeServer.UntilAsync(
                () => server.Floors.GetFloor(channel) is { Listeners: 2 } floor && floor.Holder?.UnitId == talker,
                "both know the talker and both listeners");
        }

        await second.DisposeAsync();
        await first.DisposeAsync();
    }
}
