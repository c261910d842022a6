using System.Net;
using Comms.Grains;
using Comms.Grains.Directory;
using Comms.Grains.Events;
using Comms.Grains.Storage;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Configuration;
using Orleans.Storage;
using StackExchange.Redis;

namespace Comms.Signaling.Store;

/// <summary>The silo of this process with its store: one code path for the embedded store and for Redis.</summary>
public static class CommsSilo
{
    /// <summary>
    /// Adds the store, the silo and everything the grains need. Starting the host then opens the store, starts the silo
    /// and fills the directory index, in this order; later hosted services find all three ready.
    /// </summary>
    public static IHostApplicationBuilder AddCommsSilo(
        this IHostApplicationBuilder builder, StoreOptions store, GrainOptions? grains = null, JournalOptions? journal = null)
    {
        IServiceCollection services = builder.Services;
        EmbeddedStore? embedded = store.IsEmbedded ? new EmbeddedStore(store) : null;
        ConfigurationOptions connection = embedded?.Connection() ?? ExternalConnection(store.Redis);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(store);
        services.AddSingleton<StoreHealth>();
        services.AddSingleton(new StoreConnection(connection));
        if (embedded is not null)
        {
            services.AddSingleton(embedded);
        }

        services.AddSingleton<ISecretBox>(_ => new AesGcmSecretBox(LoadKeys(store)));
        services.AddSingleton<IJournalStore>(provider => new RedisJournalStore(
            provider.GetRequiredService<StoreConnection>().GetDatabaseAsync, provider.GetRequiredService<JournalOptions>()));
        services.AddHostedService<StoreService>();
        services.AddGrainServices(grains ?? new GrainOptions(), journal ?? new JournalOptions());
        builder.UseOrleans(silo => Configure(silo, store, connection));
        return builder;
    }

    private static void Configure(ISiloBuilder silo, StoreOptions store, ConfigurationOptions connection)
    {
        int port = store.SiloPort;
        if (port == 0)
        {
            var reserved = new ReservedPort();
            silo.Services.AddSingleton(reserved);
            port = reserved.Port;
        }

        if (store.IsEmbedded)
        {
            silo.UseLocalhostClustering(port, port, serviceId: "comms", clusterId: store.Cluster);
        }
        else
        {
            silo.Configure<ClusterOptions>(cluster =>
            {
                cluster.ServiceId = "comms";
                cluster.ClusterId = store.Cluster;
            });
            silo.UseRedisClustering(options => options.ConfigurationOptions = connection.Clone());
        }

        silo.Configure<EndpointOptions>(endpoint =>
        {
            endpoint.AdvertisedIPAddress = IPAddress.Parse(store.IsEmbedded ? "127.0.0.1" : store.AdvertisedAddress);
            endpoint.SiloPort = port;
            // No stranger's client: everything that calls grains runs in a silo.
            endpoint.GatewayPort = 0;
        });
        silo.AddRedisGrainStorageAsDefault(storage => storage.Configure<Orleans.Serialization.Serializer>((options, serializer) =>
        {
            options.ConfigurationOptions = connection.Clone();
            options.DeleteStateOnClear = true;
            options.GrainStorageSerializer = new VersionedStorageSerializer(new OrleansGrainStorageSerializer(serializer));
        }));
        silo.UseRedisReminderService(options => options.ConfigurationOptions = connection.Clone());
        silo.AddStartupTask((provider, _) =>
        {
            // The silo listens by now, so nobody else can take its port any more.
            provider.GetService<ReservedPort>()?.Dispose();
            return provider.GetRequiredService<DirectoryIndex>().RebuildAsync();
        });
    }

    private static ConfigurationOptions ExternalConnection(string redis)
    {
        ConfigurationOptions connection = ConfigurationOptions.Parse(redis);
        connection.AbortOnConnectFail = false;
        connection.ClientName = "comms";
        return connection;
    }

    private static IReadOnlyList<SecretKey> LoadKeys(StoreOptions store)
    {
        string folder = Path.GetFullPath(store.DataFolder);
        System.IO.Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return SecretKeyFile.LoadOrCreate(folder);
    }
}
