using Comms.Grains.Contracts;
using Microsoft.Extensions.Logging;

namespace Comms.Grains.Directory;

/// <summary>The live nodes and what all of them should hear. Soft state only: nodes report every few seconds.</summary>
public sealed class NodeDirectoryGrain(TimeProvider time, GrainOptions options, ILogger<NodeDirectoryGrain> log)
    : Grain, INodeDirectoryGrain
{
    private readonly Dictionary<string, LiveNode> _nodes = [];
    private readonly Dictionary<string, CameraStatus> _busyCameras = [];
    private readonly Guid _life = Guid.NewGuid();
    private long _changes;

    public Task<CatalogVersion> Report(string nodeId, INodeObserver observer, IReadOnlyList<string> sites)
    {
        if (!_nodes.ContainsKey(nodeId))
        {
            log.NodeJoined(nodeId);
        }

        _nodes[nodeId] = new LiveNode(observer, new NodeReach(nodeId, sites), time.GetUtcNow().AddMilliseconds(options.ReportExpiryMs));
        Expire();
        return Task.FromResult(new CatalogVersion(_life, _changes));
    }

    public Task Leave(string nodeId)
    {
        if (_nodes.Remove(nodeId))
        {
            log.NodeLeft(nodeId, "stopped");
        }

        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<string>> GetLiveNodes()
    {
        Expire();
        return Task.FromResult<IReadOnlyList<string>>([.. _nodes.Keys]);
    }

    public Task<IReadOnlyList<NodeReach>> GetReach()
    {
        Expire();
        return Task.FromResult<IReadOnlyList<NodeReach>>([.. _nodes.Values.Select(node => node.Reach)]);
    }

    public Task<INodeObserver?> Find(string nodeId)
    {
        Expire();
        return Task.FromResult(_nodes.GetValueOrDefault(nodeId)?.Observer);
    }

    public Task Announce(CatalogChange change)
    {
        var version = new CatalogVersion(_life, ++_changes);
        foreach (LiveNode node in _nodes.Values)
        {
            node.Observer.CatalogChanged(change, version);
        }

        return Task.CompletedTask;
    }

    public Task AnnounceCamera(CameraStatus status)
    {
        if (status.State == CameraFeedState.Idle && status.Viewers == 0)
        {
            _busyCameras.Remove(status.CameraId);
        }
        else
        {
            _busyCameras[status.CameraId] = status;
        }

        foreach (LiveNode node in _nodes.Values)
        {
            node.Observer.CameraChanged(status);
        }

        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<CameraStatus>> GetBusyCameras() =>
        Task.FromResult<IReadOnlyList<CameraStatus>>([.. _busyCameras.Values]);

    private void Expire()
    {
        DateTimeOffset now = time.GetUtcNow();
        foreach ((string nodeId, LiveNode node) in _nodes)
        {
            if (node.ExpiresAt <= now)
            {
                _nodes.Remove(nodeId);
                log.NodeLeft(nodeId, "silent");
            }
        }
    }

    private sealed record LiveNode(INodeObserver Observer, NodeReach Reach, DateTimeOffset ExpiresAt);
}
