using Comms.Grains;
using Comms.Grains.Contracts;
using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Signaling.Bridges;
using Comms.Signaling.Store;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Comms.Signaling.Tests.Bridges;

/// <summary>
/// A real silo on an embedded store with the bridges and a recording media node, shared by the tests of a class; each test
/// makes channels and units of its own.
/// </summary>
public sealed class BridgeServer : IAsyncLifetime
{
    public static readonly Actor Admin = new("admin", "", "test");

    private readonly DirectoryInfo _folder = System.IO.Directory.CreateTempSubdirectory("comms-bridge-");
    private IHost _host = null!;
    private int _nextId;

    internal RecordingMediaNode Media { get; } = new();

    internal IFloorBridge Floors => _host.Services.GetRequiredService<IFloorBridge>();

    internal ICameraBridge Cameras => _host.Services.GetRequiredService<ICameraBridge>();

    internal IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    internal LocalNode Node => _host.Services.GetRequiredService<LocalNode>();

    internal IDirectoryIndex Index => _host.Services.GetRequiredService<IDirectoryIndex>();

    internal IJournal Journal => _host.Services.GetRequiredService<IJournal>();

    public async Task InitializeAsync()
    {
        await StartAsync(new StoreOptions { DataFolder = _folder.FullName, MinFreeDiskMb = 8 });
        ITownTreeGrain tree = Grains.GetGrain<ITownTreeGrain>(TownTree.Key);
        await tree.Put(new TownNode("city", "", TownLevel.City, "城", "City"), Admin);
        await tree.Put(new TownNode("east", "city", TownLevel.Town, "东", "East"), Admin);
        await tree.Put(new TownNode("west", "city", TownLevel.Town, "西", "West"), Admin);
    }

    /// <summary>Starts on a given store, without a tree.</summary>
    internal async Task StartAsync(StoreOptions store)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddConsole();
        builder.AddCommsSilo(store, new GrainOptions { FloorLeaseMs = 2000, CameraGraceMs = 200 });
        builder.Services.AddSingleton<IMediaNode>(Media);
        builder.Services.AddSingleton(new CameraOptions { ProbeSeconds = 2, ProbeAgainSeconds = 1, KeepSeconds = 1, Sites = "here" });
        builder.Services.AddBridges();
        _host = builder.Build();
        await _host.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        _folder.Delete(recursive: true);
    }

    internal async Task<string> AddChannelAsync(
        ChannelRight defaultRight = ChannelRight.Talk, int talkLimitSeconds = 60, FloorPolicy? floor = null)
    {
        string id = $"ch{Interlocked.Increment(ref _nextId)}";
        var channel = new ChannelDefinition(id, "频道", "Channel", "", ChannelKind.Incident, "city", talkLimitSeconds, defaultRight, floor);
        Assert.True((await Grains.GetGrain<IChannelGrain>(id).Put(channel, Admin)).IsOk);
        return id;
    }

    internal async Task<FloorParty> AddPartyAsync(string channelId, string townId = "east")
    {
        int number = Interlocked.Increment(ref _nextId);
        var unit = new UnitDefinition($"u{number}", $"P-{number}", "警", "Police", UnitService.Police, townId);
        Assert.True((await Grains.GetGrain<IUnitGrain>(unit.Id).Put(unit, Admin)).IsOk);
        return new FloorParty(channelId, unit.Id, new SessionId(number), new Actor("", unit.Id, "test"));
    }

    /// <summary>Waits up to 30 s; a failure says what was waited for.</summary>
    internal static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (int i = 0; i < 1500; i++)
        {
            if (await condition())
            {
                return;
            }

            await timer.WaitForNextTickAsync();
        }

        Assert.Fail($"Waited 30 s for: {what}");
    }

    internal static Task UntilAsync(Func<bool> condition, string what) => UntilAsync(() => Task.FromResult(condition()), what);
}
