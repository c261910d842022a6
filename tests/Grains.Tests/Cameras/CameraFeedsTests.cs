using Comms.Grains.Cameras;
using Comms.Grains.Contracts;
using Xunit;

namespace Comms.Grains.Tests.Cameras;

/// <summary>Which nodes should run a feed: those with a viewer, and for the grace time after the last.</summary>
public sealed class CameraFeedsTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly CameraFeeds _feeds = new(expiry: TimeSpan.FromSeconds(15)) { Grace = TimeSpan.FromSeconds(10) };

    [Fact]
    public void First_viewer_of_a_node_starts_its_feed_and_later_ones_do_not()
    {
        Assert.True(_feeds.Attach(Viewer("n1", "v1"), At(0)));
        Assert.False(_feeds.Attach(Viewer("n1", "v2"), At(1)));
        Assert.True(_feeds.Attach(Viewer("n2", "v3"), At(1)));
        Assert.Equal(3, _feeds.Viewers.Count);
    }

    [Fact]
    public void Feed_stops_ten_seconds_after_the_last_viewer_and_not_before()
    {
        _feeds.Attach(Viewer("n1", "v1"), At(0));
        _feeds.Detach("v1", CameraProfile.Main, At(2));
        Assert.Equal(At(12), _feeds.NextDeadline);
        Assert.Empty(_feeds.HandleTimeout(At(11.9)));
        Assert.Equal([new FeedPlace("n1", CameraProfile.Main)], _feeds.HandleTimeout(At(12)));
        Assert.Null(_feeds.NextDeadline);
    }

    [Fact]
    public void Viewer_within_the_grace_time_keeps_the_feed_without_a_new_start()
    {
        _feeds.Attach(Viewer("n1", "v1"), At(0));
        _feeds.Detach("v1", CameraProfile.Main, At(2));
        Assert.False(_feeds.Attach(Viewer("n1", "v2"), At(8)));
        Assert.Empty(_feeds.HandleTimeout(At(13)));
    }

    [Fact]
    public void Detaching_twice_or_a_stranger_does_not_lengthen_the_grace_time()
    {
        _feeds.Attach(Viewer("n1", "v1"), At(0));
        _feeds.Detach("v1", CameraProfile.Main, At(2));
        _feeds.Detach("v1", CameraProfile.Main, At(5));
        _feeds.Detach("v9", CameraProfile.Main, At(5));
        Assert.Equal(At(12), _feeds.NextDeadline);
    }

    [Fact]
    public void Report_names_the_viewers_that_are_left()
    {
        _feeds.Attach(Viewer("n1", "v1"), At(0));
        _feeds.Attach(Viewer("n1", "v2"), At(0));
        Assert.True(_feeds.Report(Report(CameraFeedState.Live, "v2"), At(5)));
        Assert.Single(_feeds.Viewers);
        Assert.True(_feeds.Report(Report(CameraFeedState.Live), At(10)));
        Assert.Equal(At(20), _feeds.NextDeadline);
        Assert.True(_feeds.Report(Report(CameraFeedState.Live), At(14)));
        Assert.Equal([new FeedPlace("n1", CameraProfile.Main)], _feeds.HandleTimeout(At(20)));
    }

    [Fact]
    public void Report_of_a_forgotten_node_counts_only_with_a_viewer()
    {
        Assert.False(_feeds.Report(Report(CameraFeedState.Live), At(0)));
        Assert.True(_feeds.Report(Report(CameraFeedState.Idle, "v1"), At(0)));
        Assert.Single(_feeds.Viewers);
    }

    [Fact]
    public void Silent_node_is_forgotten_without_a_stop()
    {
        _feeds.Attach(Viewer("n1", "v1"), At(0));
        Assert.Empty(_feeds.HandleTimeout(At(15)));
        Assert.Empty(_feeds.Viewers);
    }

    [Fact]
    public void Status_is_that_of_the_feed_that_is_best_off()
    {
        _feeds.Attach(Viewer("n1", "v1"), At(0));
        _feeds.Attach(Viewer("n2", "v2"), At(0));
        _feeds.Report(Report(CameraFeedState.Reconnecting, "v1") with { Reason = "refused" }, At(1));
        Assert.Equal(("n1", CameraFeedState.Reconnecting, "refused"), _feeds.Best());
        _feeds.Report(new CameraReport("n2", CameraProfile.Main, CameraFeedState.Live, "", [Viewer("n2", "v2")]), At(1));
        Assert.Equal(("n2", CameraFeedState.Live, ""), _feeds.Best());
    }

    [Fact]
    public void Profiles_of_one_node_are_feeds_of_their_own()
    {
        Assert.True(_feeds.Attach(Viewer("n1", "v1"), At(0)));
        Assert.True(_feeds.Attach(Viewer("n1", "v1") with { Profile = CameraProfile.Sub }, At(1)));
        _feeds.Detach("v1", CameraProfile.Main, At(2));
        Assert.Equal(CameraProfile.Sub, Assert.Single(_feeds.Viewers).Profile);
        Assert.Equal([new FeedPlace("n1", CameraProfile.Main)], _feeds.HandleTimeout(At(12)));
    }

    private static CameraReport Report(CameraFeedState state, params string[] viewers) =>
        new("n1", CameraProfile.Main, state, "", [.. viewers.Select(viewer => Viewer("n1", viewer))]);

    private static CameraViewer Viewer(string node, string viewer) => new(viewer, node, Actor.System, CameraProfile.Main, Start);

    private static DateTimeOffset At(double seconds) => Start.AddSeconds(seconds);
}
