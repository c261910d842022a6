using Comms.Grains.Contracts;

namespace Comms.Grains.Cameras;

/// <summary>
/// Which nodes should run which profile of a camera, and how it is: every node with a viewer and for the grace time after
/// its last one, and a node that keeps it by policy. Soft state of the camera's grain; time is an argument. Nodes report it again, so nothing here is stored.
/// </summary>
internal sealed class CameraFeeds(TimeSpan expiry)
{
    private readonly Dictionary<FeedPlace, NodeFeed> _feeds = [];

    /// <summary>How long a feed goes on after its last viewer.</summary>
    public TimeSpan Grace { get; set; }

    /// <summary>When <see cref="HandleTimeout"/> has something to do.</summary>
    public DateTimeOffset? NextDeadline =>
        _feeds.Count == 0 ? null : _feeds.Values.Min(feed => feed.StopAt is { } stop && stop < feed.ExpiresAt ? stop : feed.ExpiresAt);

    public IReadOnlyList<CameraViewer> Viewers => [.. _feeds.Values.SelectMany(feed => feed.Viewers.Values)];

    public IReadOnlyList<FeedPlace> Places => [.. _feeds.Keys];

    /// <summary>True when the node has to start the feed.</summary>
    public bool Attach(CameraViewer viewer, DateTimeOffset now)
    {
        var place = new FeedPlace(viewer.NodeId, viewer.Profile);
        bool isNew = !_feeds.TryGetValue(place, out NodeFeed? feed);
        feed ??= _feeds[place] = new NodeFeed();
        feed.Viewers[viewer.ViewerId] = viewer;
        feed.StopAt = null;
        feed.ExpiresAt = now + expiry;
        return isNew;
    }

    public void Detach(string viewerId, CameraProfile profile, DateTimeOffset now)
    {
        foreach ((FeedPlace place, NodeFeed feed) in _feeds)
        {
            if (place.Profile == profile && feed.Viewers.Remove(viewerId) && !feed.IsWanted)
            {
                feed.StopAt = now + Grace;
            }
        }
    }

    /// <summary>Takes in a node's report, whose viewers are the truth; true when the node should run the feed.</summary>
    public bool Report(CameraReport report, DateTimeOffset now)
    {
        var place = new FeedPlace(report.NodeId, report.Profile);
        if (!_feeds.TryGetValue(place, out NodeFeed? feed))
        {
            if (report.Viewers.Count == 0 && !report.IsKept)
            {
                return false;
            }

            feed = _feeds[place] = new NodeFeed();
        }

        feed.State = report.State;
        feed.Reason = report.Reason;
        feed.IsKept = report.IsKept;
        feed.ExpiresAt = now + expiry;
        feed.Viewers.Clear();
        foreach (CameraViewer viewer in report.Viewers)
        {
            feed.Viewers[viewer.ViewerId] = viewer;
        }

        feed.StopAt = feed.IsWanted ? null : feed.StopAt ?? now + Grace;
        return true;
    }

    /// <summary>The feeds whose grace time is over and that must stop; those of silent nodes are forgotten.</summary>
    public IReadOnlyList<FeedPlace> HandleTimeout(DateTimeOffset now)
    {
        var stopping = new List<FeedPlace>();
        foreach ((FeedPlace place, NodeFeed feed) in _feeds)
        {
            if (feed.StopAt <= now)
            {
                stopping.Add(place);
            }

            if (feed.StopAt <= now || feed.ExpiresAt <= now)
            {
                _feeds.Remove(place);
            }
        }

        return stopping;
    }

    /// <summary>All feeds that run; they are forgotten.</summary>
    public IReadOnlyList<FeedPlace> Clear()
    {
        IReadOnlyList<FeedPlace> places = Places;
        _feeds.Clear();
        return places;
    }

    /// <summary>The feed that is best off, with its node; Idle and "" when none runs.</summary>
    public (string NodeId, CameraFeedState State, string Reason) Best()
    {
        (string NodeId, CameraFeedState State, string Reason) best = ("", CameraFeedState.Idle, "");
        foreach ((FeedPlace place, NodeFeed feed) in _feeds)
        {
            if (best.NodeId.Length == 0 || Rank(feed.State) > Rank(best.State))
            {
                best = (place.NodeId, feed.State, feed.Reason);
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
        public Dictionary<string, CameraViewer> Viewers { get; } = new(StringComparer.Ordinal);

        public bool IsKept { get; set; }

        public bool IsWanted => IsKept || Viewers.Count > 0;

        public DateTimeOffset? StopAt { get; set; }

        public DateTimeOffset ExpiresAt { get; set; }

        public CameraFeedState State { get; set; } = CameraFeedState.Connecting;

        public string Reason { get; set; } = "";
    }
}

/// <summary>One profile on one node.</summary>
internal readonly record struct FeedPlace(string NodeId, CameraProfile Profile);
