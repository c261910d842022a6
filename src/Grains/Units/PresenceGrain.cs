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

        return (await GetLiveNodesAsync()).Contains(nodeId) ? nodeId : "";
    }

    public async Task<IReadOnlyList<string>> FindOnline(IReadOnlyList<string> unitIds)
    {
        IReadOnlyList<string> live = await GetLiveNodesAsync();
        return [.. unitIds.Where(unitId => _nodes.TryGetValue(unitId, out string? nodeId) && live.Contains(nodeId))];
    }

    private Task<IReadOnlyList<string>> GetLiveNodesAsync() =>
        GrainFactory.GetGrain<INodeDirectoryGrain>(NodeDirectory.Key).GetLiveNodes();
}
