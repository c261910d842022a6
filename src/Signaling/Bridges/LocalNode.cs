using System.Security.Cryptography;
using Comms.Grains.Contracts;

namespace Comms.Signaling.Bridges;

/// <summary>
/// This node as grains know it. The id is new with every start, so that nothing an earlier life left behind is taken for
/// this one's; it serves as the server instance of the hub's hello too.
/// </summary>
public sealed class LocalNode(IGrainFactory grains)
{
    private readonly TaskCompletionSource<INodeObserver> _reference = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private INodeObserver? _observer;

    public string Id { get; } = $"{Environment.MachineName.ToLowerInvariant()}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";

    /// <summary>How grains call this node; completes when the silo runs.</summary>
    public Task<INodeObserver> Observer => _reference.Task;

    /// <summary>Makes the observer callable. The silo keeps it weakly, this object strongly.</summary>
    public void Publish(INodeObserver observer)
    {
        _observer = observer;
        _reference.TrySetResult(grains.CreateObjectReference<INodeObserver>(_observer));
    }
}
