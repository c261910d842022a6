using Comms.Grains.Contracts;
using Comms.Signaling.Store;
using Xunit;

namespace Comms.Signaling.Tests.Store;

/// <summary>What holds on every store: what was answered is there after a restart.</summary>
public abstract class StoreContractTests
{
    private static readonly Actor Admin = new("admin", "", "test");

    protected abstract StoreOptions Options { get; }

    [Fact]
    public async Task Everything_that_was_stored_is_indexed_after_a_restart()
    {
        await using (StoreServer server = await StoreServer.StartAsync(Options))
        {
            await SeedAsync(server);
        }

        await using StoreServer again = await StoreServer.StartAsync(Options);
        Assert.Equal("Lotus", again.Index.Towns[^1].NameEn);
        Assert.Equal("P-1", again.Index.FindUnit("u1")!.CallSign);
        Assert.Equal("fire", again.Index.FindChannelByNumber("8001")!.Id);
        Assert.Equal(ChannelRight.Talk, again.Index.GetRight("fire", "u1"));
        Assert.NotNull(again.Index.FindCamera("cam1"));
        Assert.Equal("hash", (await again.Grains.GetGrain<IAccountGrain>("ann").GetSecret())!.PasswordHash);
    }

    [Fact]
    public async Task Journal_ids_go_on_after_a_restart_and_stopping_stores_what_waits()
    {
        long last;
        await using (StoreServer server = await StoreServer.StartAsync(Options))
        {
            for (int i = 0; i < 1500; i++)
            {
                server.Journal.Append(new JournalEvent(0, DateTimeOffset.UnixEpoch, "test", $"s{i}", Actor.System, ""));
            }
        }

        await using StoreServer again = await StoreServer.StartAsync(Options);
        IReadOnlyList<JournalEvent> newest = await again.Journal.ReadLast(2);
        Assert.Equal("s1499", newest[0].Subject);
        last = newest[0].Id;
        Assert.Equal(last - 1, newest[1].Id);
        Assert.Equal(1500, (await again.Journal.Read(0, 5000)).Count);
        Assert.Equal(["s1498", "s1499"], (await again.Journal.Read(last - 2, 10)).Select(entry => entry.Subject));
    }

    protected private static async Task SeedAsync(StoreServer server)
    {
        IGrainFactory grains = server.Grains;
        ITownTreeGrain tree = grains.GetGrain<ITownTreeGrain>(TownTree.Key);
        Assert.True((await tree.Put(new TownNode("city", "", TownLevel.City, "城", "City"), Admin)).IsOk);
        Assert.True((await tree.Put(new TownNode("lotus", "city", TownLevel.Town, "莲", "Lotus"), Admin)).IsOk);
        var unit = new UnitDefinition("u1", "P-1", "张", "Zhang", UnitService.Fire, "lotus");
        Assert.True((await grains.GetGrain<IUnitGrain>("u1").Put(unit, Admin)).IsOk);
        var channel = new ChannelDefinition("fire", "消防", "Fire", "8001", ChannelKind.Service, "city");
        Assert.True((await grains.GetGrain<IChannelGrain>("fire").Put(channel, Admin)).IsOk);
        var rule = new ChannelRule(ChannelRuleKind.Service, "Fire", ChannelRight.Talk);
        Assert.True((await grains.GetGrain<IChannelGrain>("fire").PutRule(rule, Admin)).IsOk);
        var camera = new CameraDefinition("cam1", "桥", "Bridge", "lotus", "police");
        var source = new CameraSource("rtsp://127.0.0.1:554/1", "viewer", "p@ss");
        Assert.True((await grains.GetGrain<ICameraGrain>("cam1").Put(camera, new CameraSources(source), Admin)).IsOk);
        var account = new AccountDefinition("ann", "Ann", AccountRole.Responder, "u1");
        var secret = new AccountSecret("hash", "a1", "a2");
        Assert.True((await grains.GetGrain<IAccountGrain>("ann").Put(account, secret, Admin)).IsOk);
        Assert.NotNull(server.Index.FindAccount("Ann"));
    }
}
