using System.Globalization;
using StackExchange.Redis;

namespace Comms.Signaling.Store;

/// <summary>
/// Starts the store before the silo and closes it after; between, cuts the embedded store's log from time to time and
/// watches disk and store. Registered before the silo, because hosted services stop in the reverse order.
/// </summary>
public sealed class StoreService(
    StoreOptions options,
    StoreConnection connection,
    StoreHealth health,
    TimeProvider time,
    ILoggerFactory logs,
    ILogger<StoreService> log,
    EmbeddedStore? embedded = null) : BackgroundService
{
    /// <summary>The layout of everything in the store. A larger number in the store means a newer server wrote it.</summary>
    public const int StoreVersion = 1;

    private const string VersionKey = "comms/store/version";

    /// <summary>Written at every watch: a store that only answers reads is no healthy one.</summary>
    private const string ProbeKey = "comms/store/probe";

    private static readonly TimeSpan WatchPeriod = TimeSpan.FromSeconds(5);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        long started = time.GetTimestamp();
        if (embedded is not null)
        {
            embedded.Start(logs);
        }

        await ConnectAsync();
        await CheckVersionAsync();
        if (embedded is not null)
        {
            log.EmbeddedReady(Path.GetFullPath(options.DataFolder), (long)time.GetElapsedTime(started).TotalMilliseconds);
        }
        else
        {
            IDatabase database = await connection.GetDatabaseAsync();
            log.RedisReady(string.Join(", ", database.Multiplexer.GetEndPoints().Select(endpoint => endpoint.ToString())));
        }

        health.Fault = "";
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        health.Fault = "stopping";
        if (embedded is not null)
        {
            await CheckpointAsync();
            await connection.DisposeAsync();
            embedded.Dispose();
            log.EmbeddedClosed();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(WatchPeriod, time);
        var checkpointPeriod = TimeSpan.FromMinutes(options.CheckpointMinutes);
        long lastCheckpoint = time.GetTimestamp();
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await WatchAsync();
                if (embedded is not null && time.GetElapsedTime(lastCheckpoint) >= checkpointPeriod)
                {
                    await CheckpointAsync();
                    lastCheckpoint = time.GetTimestamp();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops; StopAsync takes the last checkpoint.
        }
    }

    private static bool IsStoreFault(Exception fault) => fault is RedisException or TimeoutException;

    private async Task ConnectAsync()
    {
        try
        {
            await connection.ConnectAsync();
        }
        catch (Exception cause) when (IsStoreFault(cause))
        {
            throw new StoreException($"The store does not answer: {cause.Message}", cause);
        }
    }

    private async Task CheckVersionAsync()
    {
        IDatabase database = await connection.GetDatabaseAsync();
        RedisValue stored = await database.StringGetAsync(VersionKey);
        if (stored.IsNull)
        {
            await database.StringSetAsync(VersionKey, StoreVersion);
        }
        else if (!stored.TryParse(out int version) || version != StoreVersion)
        {
            throw new StoreException(string.Create(
                CultureInfo.InvariantCulture,
                $"The store has layout {stored}, this server knows layout {StoreVersion}. Start the version that wrote it, or restore a backup."));
        }
    }

    private async Task CheckpointAsync()
    {
        try
        {
            IDatabase database = await connection.GetDatabaseAsync();
            await database.ExecuteAsync("SAVE");
            log.CheckpointTaken();
        }
        catch (Exception fault) when (IsStoreFault(fault))
        {
            log.CheckpointFailed(fault.Message);
        }
    }

    private async Task WatchAsync()
    {
        string before = health.Fault;
        if (embedded?.FreeDiskMb < options.MinFreeDiskMb)
        {
            health.Fault = string.Create(CultureInfo.InvariantCulture, $"the store's disk has {embedded.FreeDiskMb} MB left");
            if (before.Length == 0)
            {
                log.DiskNearlyFull(options.DataFolder, embedded.FreeDiskMb, options.MinFreeDiskMb);
            }

            return;
        }

        try
        {
            await (await connection.GetDatabaseAsync()).StringSetAsync(ProbeKey, 1);
            health.Fault = "";
            if (before.Length > 0)
            {
                log.StoreTakesChanges();
            }
        }
        catch (Exception fault) when (IsStoreFault(fault))
        {
            health.Fault = "the store takes no changes";
            if (before.Length == 0)
            {
                log.StoreSilent(fault.Message);
            }
        }
    }
}
