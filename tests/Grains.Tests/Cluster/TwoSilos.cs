using Comms.Grains.Contracts;
using Comms.Grains.Directory;
using Comms.Grains.Events;
using Comms.Grains.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using Orleans.TestingHost;
using Xunit;

namespace Comms.Grains.Tests.Cluster;

/// <summary>
/// Two silos with memory storage, shared by all cluster tests: what one silo's grain says must survive the way to the
/// other. Each test makes things of its own.
/// </summary>
public sealed class TwoSilos : IAsyncLifetime
{
    public const string Name = "Two silos";

    public static readonly Actor Admin = new("admin", "", "test");

    private static readonly MemoryJournalStore SharedJournal = new();

    private readonly TestCluster _cluster = Build();
    private int _nextId;

    internal static IReadOnlyList<JournalEvent> Journal => SharedJournal.Events;

    internal IGrainFactory Grains => _cluster.GrainFactory;

    internal DirectoryIndex IndexOf(int silo) =>
        ((InProcessSiloHandle)_cluster.Silos[silo]).SiloHost.Services.GetRequiredService<DirectoryIndex>();

    internal INodeObserver Reference(RecordingObserver observer) => Grains.CreateObjectReference<INodeObserver>(observer);

    internal string NewId(string prefix) => $"{prefix}{Interlocked.Increment(ref _nextId)}";

    public async Task InitializeAsync()
    {
        await _cluster.DeployAsync();
        ITownTreeGrain tree = Grains.GetGrain<ITownTreeGrain>(TownTree.Key);
        await tree.Put(new TownNode("city", "", TownLevel.City, "城", "City"), Admin);
        await tree.Put(new TownNode("east", "city", TownLevel.Town, "东", "East"), Admin);
    }

    public async Task DisposeAsync()
    {
        await _cluster.StopAllSilosAsync();
        await _cluster.DisposeAsync();
    }

    internal async Task<string> AddUnitAsync(UnitService service = UnitService.Police)
    {
        string id = NewId("u");
        Outcome outcome = await Grains.GetGrain<IUnitGrain>(id)
            .Put(new UnitDefinition(id, "P-1", "警", "Police", service, "east"), Admin);
        Assert.True(outcome.IsOk, outcome.Detail);
        return id;
    }

    internal async Task<IChannelGrain> AddChannelAsync(ChannelRight right = ChannelRight.Talk, string number = "")
    {
        string id = NewId("ch");
        IChannelGrain channel = Grains.GetGrain<IChannelGrain>(id);
        Outcome outcome = await channel.Put(
            new ChannelDefinition(id, "频道", "Channel", number, ChannelKind.Incident, "city", 60, right), Admin);
        Assert.True(outcome.IsOk, outcome.Detail);
        return channel;
    }

    internal static async Task UntilAsync(Func<bool> condition, string what)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (int i = 0; i < 1500; i++)
        {
            if (condition())
            {
                return;
            }

            await timer.WaitForNextTickAsync();
        }

        Assert.Fail($"Waited 30 s for: {what}");
    }

    private static TestCluster Build()
    {
        var builder = new TestClusterBuilder(2);
        builder.AddSiloBuilderConfigurator<Silo>();
        return builder.Build();
    }

    /// <summary>What the host adds to a silo, with memory in place of the store.</summary>
    private sealed class Silo : ISiloConfigurator
    {
        public void Configure(ISiloBuilder silo)
        {
            silo.AddMemoryGrainStorageAsDefault();
            silo.Services.AddSingleton<ISecretBox>(new AesGcmSecretBox([new SecretKey(1, new byte[32])]));
            silo.Services.AddSingleton<IJournalStore>(SharedJournal);
            silo.Services.AddGrainServices(
                new GrainOptions { FloorLeaseMs = 1500, CameraGraceMs = 100, ReportExpiryMs = 2000 }, new JournalOptions());
        }
    }
}

/// <summary>All cluster tests run in one collection on the same two silos.</summary>
[CollectionDefinition(TwoSilos.Name)]
public sealed class TwoSilosCollection : ICollectionFixture<TwoSilos>;
