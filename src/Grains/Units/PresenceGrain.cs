using Comms.Grains.Contracts;

namespace Comms.Grains.Units;

/// <summary>The units of one part that are connected, by node. Lost with the activation; nodes tell everything again within a minute.</summary>
public sealed class PresenceGrain : Grain, IPresenceGrain
{
    private readonly Dictionary<string, string> _nodes = new(StringComparer.Ordinal);

    public Task Report(string nodeId, IReadOnlyList<string> online, IReadOnlyList<string> offline)
    {
        foreach (string unitId in online)
        {
            _nodes[unitId] = nodeId;
        }

        foreach (string unitId in offline)
        {
            if (_nodes.TryGetValue(unitId, out string? known) && known == nodeId)
            {
                _nodes.Remove(unitId);
            }
        }

        return Task.CompletedTask;
    }

    public async Task<string> Find(string unitId)
    {
        if (!_nodes.TryGetValue(unitId, out string? nodeId))
        {
            return "";
        }

        IReadOnlyList<string> live = await GrainFactory.GetGrain<INodeDirectoryGrain>(NodeDirectory.Key).GetLiveNodes();
        return live.Contains(nodeId) ? nodeId : "";
    }
}
