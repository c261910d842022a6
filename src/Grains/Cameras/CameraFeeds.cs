using Comms.Grains.Contracts;

namespace Comms.Grains.Cameras;

/// <summary>
/// Which nodes should run a camera's feed, and how it is: every node with a viewer, and for the grace time after its
/// last one. Soft state of the camera's grain; time is an argument. Nodes report it again, so nothing here is stored.
/// </summary>
internal sealed class CameraFeeds(TimeSpan grace, TimeSpan expiry)
{
    private readonly Dictionary<string, NodeFeed> _nodes = [];

    /// <summary>When <see cref="HandleTimeout"/> has something to do.</summary>
    public DateTimeOffset? NextDeadline =>
        _nodes.Count == 0 ? null : _nodes.Values.Min(feed => feed.StopAt is { } stop && stop < feed.ExpiresAt ? stop : feed.ExpiresAt);

    public int Viewers => _nodes.Values.Sum(feed => feed.Viewers.Count);

    /// <summary>True when the node has to start the feed.</summary>
    public bool Attach(string nodeId, string viewerId, DateTimeOffset now)
    {
        bool isNew = !_nodes.TryGetValue(nodeId, out NodeFeed? feed);
        feed ??= _nodes[nodeId] = new NodeFeed();
        feed.Viewers.Add(viewerId);
        feed.StopAt = null;
        feed.ExpiresAt = now + expiry;
        return isNew;
    }

    public void Detach(string viewerId, DateTimeOffset now)
    {
        foreach (NodeFeed feed in _nodes.Values)
        {
            if (feed.Viewers.Remove(viewerId) && feed.Viewers.Count == 0)
            {
                feed.StopAt = now + grace;
            }
        }
    }

    /// <summary>Takes in a node's report, whose viewers are the truth; true when the node should run the feed.</summary>
    public bool Report(CameraReport report, DateTimeOffset now)
    {
        if (!_nodes.TryGetValue(report.NodeId, out NodeFeed? feed))
        {
            if (report.ViewerIds.Count == 0)
            {
                return false;
            }

            feed = _nodes[report.NodeId] = new NodeFeed();
        }

        feed.State = report.State;
        feed.Reason = report.Reason;
        feed.ExpiresAt = now + expiry;
        feed.Viewers.Clear();
        feed.Viewers.UnionWith(report.ViewerIds);
        feed.StopAt = feed.Viewers.Count > 0 ? null : feed.StopAt ?? now + grace;
        return true;
    }

    /// <summary>The nodes whose grace time is over and that must stop; silent nodes are forgotten.</summary>
    public IReadOnlyList<string> HandleTimeout(DateTimeOffset now)
    {
        var stopping = new List<string>();
        foreach ((string nodeId, NodeFeed feed) in _nodes)
        {
            if (feed.StopAt <= now)
            {
                stopping.Add(nodeId);
            }

            if (feed.StopAt <= now || feed.ExpiresAt <= now)
            {
                _nodes.Remove(nodeId);
            }
        }

        return stopping;
    }

    /// <summary>All nodes that run the feed; they are forgotten.</summary>
    public IReadOnlyList<string> Clear()
    {
        string[] nodes = [.. _nodes.Keys];
        _nodes.Clear();
        return nodes;
    }

    public IReadOnlyList<string> Nodes => [.. _nodes.Keys];

    /// <summary>The feed that is best off, with its node; Idle and "" when none runs.</summary>
    public (string NodeId, CameraFeedState State, string Reason) Best()
    {
        (string NodeId, CameraFeedState State, string Reason) best = ("", CameraFeedState.Idle, "");
        foreach ((string nodeId, NodeFeed feed) in _nodes)
        {
            if (best.NodeId.Length == 0 || Rank(feed.State) > Rank(best.State))
            {
                best = (nodeId, feed.State, feed.Reason);
            }
        }

        return best;
    }

    private static int Rank(CameraFeedState state) => state switch
    {
        CameraFeedState.Live => 3,
        CameraFeedState.Reconnecting => 2,
        CameraFeedState.Connecting => 1,
        _ => 0,
    };

    private sealed class NodeFeed
    {
        public HashSet<string> Viewers { get; } = [];

        public DateTimeOffset? StopAt { get; set; }

        public DateTimeOffset ExpiresAt { get; set; }

        public CameraFeedState State { get; set; } = CameraFeedState.Connecting;

        public string Reason { get; set; } = "";
    }
}
