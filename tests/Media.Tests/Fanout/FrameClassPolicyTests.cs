using Comms.Media.Fanout;
using Comms.Media.Numbers;
using Xunit;

namespace Comms.Media.Tests.Fanout;

public class FrameClassPolicyTests
{
    private readonly FrameClassPolicy _policy = new();
    private Instant _now = new(1_000_000_000_000);

    [Theory]
    [InlineData(1, 2, 20)]
    [InlineData(1_000, 2, 20)]
    [InlineData(3_500, 2, 20)]
    [InlineData(7_000, 2, 40)]
    [InlineData(14_000, 2, 80)]
    [InlineData(20_000, 2, 120)]
    [InlineData(20_000, 8, 40)]
    [InlineData(200_000, 8, 120)]
    public void A_burst_begins_in_the_class_that_the_channels_size_asks_for(int listeners, int loops, int frameMs)
    {
        _policy.BeginBurst(20, 0, new FrameDemand(listeners, 0, loops), _now);
        Assert.Equal(frameMs, _policy.FrameMs);
    }

    [Fact]
    public void A_small_channel_on_an_idle_node_stays_at_20_ms()
    {
        for (int burst = 0; burst < 20; burst++) Burst(50, busy: 100, ms: 4_000);
        Assert.Equal(20, _policy.FrameMs);
    }

    [Fact]
    public void In_a_running_burst_the_class_goes_up_by_single_steps_two_seconds_apart()
    {
        var steps = new List<(int Ms, int FrameMs)>();
        _policy.BeginBurst(20, 0, new FrameDemand(2_000, 0, 2), _now);
        for (int ms = 0; ms < 20_000; ms += 20)
        {
            if (_policy.Observe(new FrameDemand(2_000, 950, 2), _now.AddMs(ms))) steps.Add((ms, _policy.FrameMs));
        }

        Assert.Equal([(2_000, 40), (4_000, 60), (6_000, 80), (8_000, 100), (10_000, 120)], steps);
    }

    [Fact]
    public void A_crowd_that_joins_while_someone_talks_raises_the_class_by_the_same_steps()
    {
        _policy.BeginBurst(20, 0, new FrameDemand(100, 0, 2), _now);
        int before = _policy.FrameMs;
        for (int ms = 0; ms < 60_000; ms += 20)
        {
            _policy.Observe(new FrameDemand(20_000, 0, 2), _now.AddMs(ms));
            Assert.InRange(_policy.FrameMs - before, 0, 20);
            before = _policy.FrameMs;
        }

        Assert.Equal(120, _policy.FrameMs);
    }

    [Fact]
    public void The_class_never_goes_down_in_a_burst_and_by_one_step_at_each_start()
    {
        Burst(20_000, busy: 300, ms: 3_000);
        _policy.BeginBurst(_policy.FrameMs, _policy.BurstPermille, new FrameDemand(20_000, 0, 2), _now);
        for (int ms = 0; ms < 10_000; ms += 20) _policy.Observe(new FrameDemand(10, 50, 2), _now.AddMs(ms));
        Assert.Equal(120, _policy.FrameMs);
        var starts = new List<int>();
        for (int burst = 0; burst < 6; burst++)
        {
            Burst(10, busy: 50, ms: 3_000);
            starts.Add(_policy.FrameMs);
        }

        Assert.Equal([100, 80, 60, 40, 20, 20], starts);
    }

    [Fact]
    public void A_class_that_load_asked_for_stays_while_one_step_down_would_bring_the_load_back()
    {
        Burst(2_000, busy: 800, ms: 3_000);
        Assert.Equal(40, _policy.FrameMs);
        for (int burst = 0; burst < 5; burst++) Burst(2_000, busy: 400, ms: 3_000);
        Assert.Equal(40, _policy.FrameMs);
        Burst(2_000, busy: 200, ms: 3_000);
        Burst(2_000, busy: 200, ms: 3_000);
        Assert.Equal(20, _policy.FrameMs);
    }

    [Fact]
    public void A_channel_at_the_edge_of_a_class_does_not_swing()
    {
        Burst(3_600, busy: 100, ms: 3_000);
        int edge = _policy.FrameMs;
        for (int burst = 0; burst < 10; burst++)
        {
            Burst(3_500 + 100 * (burst % 2), busy: 100, ms: 3_000);
            Assert.Equal(edge, _policy.FrameMs);
        }
    }

    [Fact]
    public void Load_that_a_burst_left_raises_the_next_at_its_start_and_a_short_burst_measures_nothing()
    {
        Burst(600, busy: 750, ms: 1_500);
        Assert.Equal((20, 750), (_policy.FrameMs, _policy.BurstPermille));
        Burst(600, busy: 0, ms: 500);
        Assert.Equal((40, 375), (_policy.FrameMs, _policy.BurstPermille));
    }

    private void Burst(int listeners, int busy, int ms)
    {
        _policy.BeginBurst(_policy.FrameMs, _policy.BurstPermille, new FrameDemand(listeners, 0, 2), _now);
        for (int at = 0; at < ms; at += 20) _policy.Observe(new FrameDemand(listeners, busy, 2), _now.AddMs(at));
        _now = _now.AddMs(ms + 1_000);
    }
}
