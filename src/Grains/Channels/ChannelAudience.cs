using Comms.Grains.Contracts;

namespace Comms.Grains.Channels;

/// <summary>The nodes that care for a channel: how many listen on each and whom to tell. Soft; a silent node expires.</summary>
internal sealed class ChannelAudience(TimeSpan expiry)
{
    private readonly Dictionary<string, Member> _nodes = [];

    public int Listeners { get; private set; }

    /// <summary>True when the number of listeners changed.</summary>
    public bool Report(string nodeId, int listeners, INodeObserver observer, DateTimeOffset now)
    {
        _nodes[nodeId] = new Member(listeners, observer, now + expiry);
        return Count(now);
    }

    public bool Leave(string nodeId, DateTimeOffset now)
    {
        _nodes.Remove(nodeId);
        return Count(now);
    }

    public void Tell(Action<INodeObserver> message)
    {
        foreach (Member node in _nodes.Values)
        {
            message(node.Observer);
        }
    }

    private bool Count(DateTimeOffset now)
    {
        int before = Listeners;
        Listeners = 0;
        foreach ((string nodeId, Member node) in _nodes)
        {
            if (node.ExpiresAt <= now)
            {
                _nodes.Remove(nodeId);
            }
            else
            {
                Listeners += node.Listeners;
            }
        }

        return Listeners != before;
    }

    private sealed record Member(int Listeners, INodeObserver Observer, DateTimeOffset ExpiresAt);
}
