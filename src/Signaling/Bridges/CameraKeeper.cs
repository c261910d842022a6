using Comms.Grains.Contracts;

namespace Comms.Signaling.Bridges;

/// <summary>
/// Has this node take in its share of the cameras that are always on, watched or not. Every node works out the same shares
/// from the live nodes that reach a camera's site, so none asks another; a camera that moved is let go by the node it left.
/// </summary>
internal sealed class CameraKeeper(
    IGrainFactory grains, IDirectoryIndex directory, CameraBridge bridge, LocalNode node, CameraOptions options, TimeProvider time,
    ILogger<CameraKeeper> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await directory.Ready.WaitAsync(stoppingToken);
            using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.KeepSeconds), time);
            do await KeepAsync(); while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    private async Task KeepAsync()
    {
        try
        {
            IReadOnlyList<NodeReach> nodes = await grains.GetGrain<INodeDirectoryGrain>(NodeDirectory.Key).GetReach();
            CameraDefinition[] own = [.. directory.CameraIds
                .Select(directory.FindCamera).OfType<CameraDefinition>()
                .Where(camera => camera.Policy == CameraPolicy.AlwaysOn && CameraPlacement.NodeOf(camera, nodes) == node.Id)];
            Outcome? refusal = await bridge.KeepAsync([.. own.Select(camera => camera.Id)]);
            if (refusal is not null) log.CamerasNotKept(refusal.Detail);
        }
        catch (Exception fault) when (GrainFault.IsTransient(fault))
        {
            log.GrainFailed("cameras that are always on", fault.Message);
        }
    }
}
