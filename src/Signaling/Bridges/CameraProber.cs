using Comms.Grains.Contracts;
using Comms.Media.Node;

namespace Comms.Signaling.Bridges;

/// <summary>
/// Asks this node's share of the cameras for a sign of life, once in a period each; those whose feed runs here tell by their
/// feed. A camera's grain hears only what is new.
/// </summary>
internal sealed class CameraProber(
    IMediaNode media, IGrainFactory grains, IDirectoryIndex directory, CameraBridge bridge, LocalNode node, CameraOptions options,
    TimeProvider time, ILogger<CameraProber> log) : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan NodesPeriod = TimeSpan.FromSeconds(15);

    private readonly Lock _lock = new();
    private readonly ProbeSchedule _schedule = new(
        TimeSpan.FromSeconds(Math.Max(1, options.ProbeSeconds)), TimeSpan.FromSeconds(options.ProbeAgainSeconds));

    private IReadOnlyList<NodeReach> _nodes = [];
    private DateTimeOffset _nodesReadAt;

    /// <summary>Media tells what came of a question.</summary>
    public async Task ProbedAsync(CameraProbed probed)
    {
        if (directory.FindCameraRecord(probed.CameraId) is not { } camera) return;
        CameraEvidence? evidence;
        lock (_lock) evidence = _schedule.HandleProbed(probed.CameraId, probed.Reason, camera.Health, time.GetUtcNow());
        if (evidence is not null) await grains.GetGrain<ICameraGrain>(probed.CameraId).ReportProbe(evidence);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.ProbeSeconds == 0) return;
        try
        {
            await directory.Ready.WaitAsync(stoppingToken);
            using var timer = new PeriodicTimer(Tick, time);
            do await AskAsync(); while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    private async Task AskAsync()
    {
        try
        {
            await ReadNodesAsync();
            IReadOnlyList<string> due;
            lock (_lock) due = _schedule.Due(directory.CameraIds, time.GetUtcNow());
            foreach (string id in due)
            {
                if (!IsAskedHere(id))
                {
                    lock (_lock) _schedule.Forget(id);
                }
                else if (await grains.GetGrain<ICameraGrain>(id).GetProbe() is { } probe)
                {
                    media.Probe(id, new FeedSource { Url = CameraUrl.Compose(probe.Source), Site = probe.Site });
                }
            }
        }
        catch (Exception fault) when (GrainFault.IsTransient(fault))
        {
            log.GrainFailed("camera probe", fault.Message);
        }
    }

    private bool IsAskedHere(string id) =>
        directory.FindCamera(id) is { } camera && CameraPlacement.NodeOf(camera, _nodes) == node.Id && !bridge.RunsFeed(id);

    private async Task ReadNodesAsync()
    {
        DateTimeOffset now = time.GetUtcNow();
        if (now < _nodesReadAt + NodesPeriod) return;
        _nodes = await grains.GetGrain<INodeDirectoryGrain>(NodeDirectory.Key).GetReach();
        _nodesReadAt = now;
    }
}
