using Comms.Grains;
using Comms.Grains.Contracts;
using Comms.Grains.Directory;
using Comms.Media.Node;

namespace Comms.Signaling.Bridges;

/// <summary>
/// This node's two ears: the one reader of media's events, and the observer that grains call. Both only hand on; what
/// needs waiting goes through a bounded queue, and what the queue loses is healed by the reports made here every few
/// seconds.
/// </summary>
internal sealed class MediaNodeBridge(
    IMediaNode media,
    IGrainFactory grains,
    LocalNode node,
    FloorBridge floors,
    CameraBridge cameras,
    CameraProber prober,
    ChannelInterests interests,
    RightsRecheck rights,
    DirectoryIndex index,
    BridgeInstruments instruments,
    GrainOptions options,
    CameraOptions cameraOptions,
    TimeProvider time,
    ILogger<MediaNodeBridge> log) : BackgroundService, IMediaEvents, INodeObserver
{
    private static readonly TimeSpan FlushPeriod = TimeSpan.FromMilliseconds(500);

    // Apart, so that a burst that ended never waits behind a slow camera or a rebuilt index.
    private readonly CommandQueue _floorCommands = new("floor", instruments, log);
    private readonly CommandQueue _cameraCommands = new("camera", instruments, log);
    private readonly CommandQueue _probeCommands = new("probe", instruments, log);
    private readonly CommandQueue _catalogCommands = new("catalog", instruments, log);
    private readonly CatalogPosition _catalog = new();

    public event Action<SessionConnected>? SessionConnected;

    public event Action<SessionEnded>? SessionEnded;

    public event Action<DigitPressed>? DigitPressed;

    public event Action<GateClosed>? GateClosed;

    public event Action<FeedChanged>? FeedChanged;

    public event Action<ViewerDetached>? ViewerDetached;

    // A report and two repetitions may be lost before grains forget what it said.
    private TimeSpan ReportPeriod => TimeSpan.FromMilliseconds(options.ReportExpiryMs / 4.0);

    private INodeDirectoryGrain Nodes => grains.GetGrain<INodeDirectoryGrain>(NodeDirectory.Key);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        node.Publish(this);
        await ReportNodeAsync();
        foreach (CameraStatus status in await Nodes.GetBusyCameras())
        {
            cameras.StatusReported(status);
        }

        log.NodeStarted(node.Id);
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await Nodes.Leave(node.Id);
        }
        catch (Exception fault) when (GrainFault.IsTransient(fault))
        {
            log.GrainFailed("leaving", fault.Message);
        }
    }

    public void FloorChanged(FloorState floor) => interests.Observe(floor);

    public void StartFeed(CameraFeedStart feed) => _cameraCommands.Enqueue(() => cameras.StartFeedAsync(feed));

    public void StopFeed(string cameraId, CameraProfile profile) => _cameraCommands.Enqueue(() => cameras.StopFeedAsync(cameraId, profile));

    public void CameraChanged(CameraStatus status)
    {
        index.Set(status.CameraId, status.Health, status.Facts);
        cameras.StatusReported(status);
    }

    public void CatalogChanged(CatalogChange change, CatalogVersion version)
    {
        _catalog.Count(version);
        _catalogCommands.Enqueue(async () =>
        {
            if (change.Removed)
            {
                index.Remove(change.Kind, change.Id);
            }
            else
            {
                await index.RefreshAsync(change.Kind, change.Id);
            }
        });
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(
            Guard(ReadEventsAsync, stoppingToken), Guard(_floorCommands.RunAsync, stoppingToken),
            Guard(_cameraCommands.RunAsync, stoppingToken), Guard(_probeCommands.RunAsync, stoppingToken), Guard(_catalogCommands.RunAsync, stoppingToken),
            Every(TimeSpan.FromMilliseconds(options.FloorLeaseMs / 4.0), floors.RenewAsync, stoppingToken),
            Every(FlushPeriod, () => interests.FlushAsync(everything: false), stoppingToken),
            Every(ReportPeriod, ReportChannelsAsync, stoppingToken),
            Every(ReportPeriod, ReportNodeAsync, stoppingToken),
            Every(ReportPeriod, cameras.ReportAllAsync, stoppingToken));

    // Each on its own, so that one grain that does not answer holds up none of the other reports.
    private Task Every(TimeSpan period, Func<Task> action, CancellationToken stoppingToken) =>
        Guard(
            async stopping =>
            {
                using var timer = new PeriodicTimer(period, time);
                while (await timer.WaitForNextTickAsync(stopping))
                {
                    await action();
                }
            },
            stoppingToken);

    private Task ReportChannelsAsync()
    {
        rights.Retry();
        return interests.FlushAsync(everything: true);
    }

    private static async Task Guard(Func<CancellationToken, Task> loop, CancellationToken stopping)
    {
        try
        {
            await loop(stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private async Task ReadEventsAsync(CancellationToken stopping)
    {
        await foreach (MediaEvent entry in media.Events.ReadAllAsync(stopping))
        {
            switch (entry)
            {
                case SessionConnected connected:
                    SessionConnected?.Invoke(connected);
                    break;
                case SessionEnded ended:
                    SessionEnded?.Invoke(ended);
                    _floorCommands.Enqueue(() => floors.SessionEndedAsync(ended.Session));
                    _cameraCommands.Enqueue(() => cameras.StopViewingAsync(ended.Session));
                    break;
                case DigitPressed digit:
                    DigitPressed?.Invoke(digit);
                    break;
                case GateClosed gate:
                    GateClosed?.Invoke(gate);
                    _floorCommands.Enqueue(() => floors.GateClosedAsync(gate));
                    break;
                case FeedChanged feed:
                    FeedChanged?.Invoke(feed);
                    _cameraCommands.Enqueue(() => cameras.FeedChangedAsync(feed));
                    break;
                case FeedDescribed described:
                    _cameraCommands.Enqueue(() => cameras.FeedDescribedAsync(described));
                    break;
                case CameraProbed probed:
                    _probeCommands.Enqueue(() => prober.ProbedAsync(probed));
                    break;
                case ViewerDetached viewer:
                    ViewerDetached?.Invoke(viewer);
                    _cameraCommands.Enqueue(() => cameras.ViewerDetachedAsync(viewer.Session, viewer.CameraId));
                    break;
            }
        }
    }

    private async Task ReportNodeAsync()
    {
        try
        {
            CatalogVersion version = await Nodes.Report(node.Id, await node.Observer, cameraOptions.SiteList);
            if (_catalog.IsBehind(version))
            {
                log.IndexBehind();
                await index.RebuildAsync();
            }
        }
        catch (Exception fault) when (GrainFault.IsTransient(fault))
        {
            log.GrainFailed("node report", fault.Message);
        }
    }
}
