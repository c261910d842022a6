using Comms.Grains.Contracts;
using Comms.Media.Relay;
using Comms.Signaling.Bridges;
using Xunit;

namespace Comms.Signaling.Tests.Bridges;

/// <summary>When cameras are asked for a sign of life, what counts as news, and which node asks.</summary>
public sealed class ProbeScheduleTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly CameraHealth Online = new(CameraCondition.Online, "", Start);
    private static readonly string[] Ids = [.. Enumerable.Range(0, 12_000).Select(i => $"cam-{i:00000}")];

    private readonly ProbeSchedule _schedule = new(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(10));

    [Fact]
    public void Every_camera_has_its_turn_once_in_a_period_and_the_questions_are_an_even_stream()
    {
        var asked = new List<string>();
        for (int second = 0; second < 60; second++)
        {
            IReadOnlyList<string> due = _schedule.Due(Ids, At(second));
            Assert.InRange(due.Count, 1, 201);
            asked.AddRange(due);
        }

        asked.AddRange(_schedule.Due(Ids, At(60)));
        Assert.Equal(Ids, asked.Take(Ids.Length).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Long_pause_asks_nobody_twice()
    {
        _schedule.Due(Ids, At(0));
        Assert.Equal(Ids.Length, _schedule.Due(Ids, At(7200)).Distinct().Count());
    }

    [Fact]
    public void Only_the_second_failure_is_an_outage_and_it_began_with_the_first()
    {
        Assert.Null(_schedule.HandleProbed("c", RelayReason.ConnectionRefused, Online, At(100)));
        Assert.DoesNotContain("c", _schedule.Due([], At(109)));
        Assert.Equal(["c"], _schedule.Due([], At(110)));
        Assert.Equal(
            new CameraEvidence(CameraCondition.Offline, RelayReason.ConnectionRefused, At(100)),
            _schedule.HandleProbed("c", RelayReason.ConnectionRefused, Online, At(111)));
        var away = new CameraHealth(CameraCondition.Offline, RelayReason.ConnectionRefused, At(100));
        Assert.Null(_schedule.HandleProbed("c", RelayReason.ConnectionRefused, away, At(170)));
        Assert.NotNull(_schedule.HandleProbed("c", RelayReason.NoRoute, away, At(230)));
        Assert.Equal(new CameraEvidence(CameraCondition.Online, "", At(290)), _schedule.HandleProbed("c", "", away, At(290)));
    }

    [Fact]
    public void Failure_between_answers_and_a_want_of_our_own_are_no_news()
    {
        Assert.Null(_schedule.HandleProbed("c", RelayReason.NoAnswer, Online, At(0)));
        Assert.Null(_schedule.HandleProbed("c", "", Online, At(10)));
        Assert.Null(_schedule.HandleProbed("c", RelayReason.NoAnswer, Online, At(70)));
        for (int i = 0; i < 5; i++) Assert.Null(_schedule.HandleProbed("d", RelayReason.NoResources, Online, At(i)));
    }

    [Fact]
    public void Cameras_are_shared_evenly_and_a_node_that_goes_moves_only_its_own()
    {
        string[] nodes = ["n1", "n2", "n3"];
        ILookup<string, string> shares = Ids.ToLookup(id => CameraPlacement.NodeOf(id, nodes));
        Assert.All(nodes, node => Assert.InRange(shares[node].Count(), 3600, 4400));
        Assert.All(shares["n1"].Concat(shares["n2"]), id => Assert.Equal(CameraPlacement.NodeOf(id, nodes), CameraPlacement.NodeOf(id, ["n2", "n1"])));
        Assert.Equal("", CameraPlacement.NodeOf("c", []));
    }

    [Theory]
    [InlineData(CameraProfile.Main, CameraFeedState.Live, "", 0, CameraCondition.Online)]
    [InlineData(CameraProfile.Main, CameraFeedState.Reconnecting, RelayReason.ConnectionRefused, 20, CameraCondition.Offline)]
    [InlineData(CameraProfile.Main, CameraFeedState.Reconnecting, RelayReason.Unauthorized, 0, CameraCondition.Faulty)]
    [InlineData(CameraProfile.Main, CameraFeedState.Reconnecting, RelayReason.Silent, 20, CameraCondition.Faulty)]
    [InlineData(CameraProfile.Main, CameraFeedState.Reconnecting, RelayReason.Silent, 3, null)]
    [InlineData(CameraProfile.Main, CameraFeedState.Connecting, RelayReason.Connecting, 20, null)]
    [InlineData(CameraProfile.Main, CameraFeedState.Reconnecting, RelayReason.Killed, 20, null)]
    [InlineData(CameraProfile.Sub, CameraFeedState.Reconnecting, RelayReason.NotFound, 20, null)]
    [InlineData(CameraProfile.Sub, CameraFeedState.Reconnecting, RelayReason.NoRoute, 20, CameraCondition.Offline)]
    public void Feed_tells_how_its_camera_is(CameraProfile profile, CameraFeedState state, string reason, int forSeconds, CameraCondition? expected) =>
        Assert.Equal(expected, CameraConditions.Of(new FeedName("c", profile), state, reason, Start, At(forSeconds))?.Condition);

    private static DateTimeOffset At(double seconds) => Start.AddSeconds(seconds);
}
