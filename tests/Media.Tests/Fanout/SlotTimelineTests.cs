using Comms.Media.Fanout;
using Comms.Media.Numbers;
using Xunit;

namespace Comms.Media.Tests.Fanout;

public sealed class SlotTimelineTests
{
    private static readonly Instant Start = new(5_000_000_000);

    [Fact]
    public void Sequence_numbers_run_on_over_bursts_and_wrap()
    {
        var slot = new SlotTimeline(65_534, 0);

        ushort[] sent = [.. Enumerable.Range(0, 4).Select(i => slot.Next(new BurstId(1 + i / 2), (uint)i * 960, Start.AddMs(i * 20)).SequenceNumber)];

        Assert.Equal([65_534, 65_535, 0, 1], sent);
    }

    [Fact]
    public void Only_the_first_frame_of_a_burst_carries_the_marker()
    {
        var slot = new SlotTimeline(0, 0);

        bool[] markers = [.. new long[] { 1, 1, 2, 2 }.Select((b, i) => slot.Next(new BurstId(b), (uint)i * 960, Start.AddMs(i * 20)).Marker)];

        Assert.Equal([true, false, true, false], markers);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(4_000_000_000u)]
    public void A_new_burst_advances_the_timestamp_by_the_elapsed_time_whatever_the_talkers_own_clock(uint talkersClock)
    {
        var slot = new SlotTimeline(0, 100);
        uint last = slot.Next(new BurstId(1), 77_777, Start).Timestamp;

        uint first = slot.Next(new BurstId(2), talkersClock, Start.AddMs(3_000)).Timestamp;

        Assert.Equal(100u, last);
        Assert.Equal(3_000u * 48, first - last);
        Assert.Equal(960u, slot.Next(new BurstId(2), talkersClock + 960, Start.AddMs(3_020)).Timestamp - first);
    }

    [Fact]
    public void A_burst_that_follows_at_once_still_moves_on_by_a_frame()
    {
        var slot = new SlotTimeline(0, 0);
        uint last = slot.Next(new BurstId(1), 0, Start).Timestamp;

        Assert.Equal(960u, slot.Next(new BurstId(2), 5, Start).Timestamp - last);
    }

    [Fact]
    public void A_frame_that_comes_late_keeps_its_own_time_and_does_not_move_the_timeline()
    {
        var slot = new SlotTimeline(0, 0);
        slot.Next(new BurstId(1), 0, Start);
        uint newest = slot.Next(new BurstId(1), 1_920, Start.AddMs(40)).Timestamp;

        Assert.Equal(960u, newest - slot.Next(new BurstId(1), 960, Start.AddMs(41)).Timestamp);
        Assert.Equal(newest + 48u * 10, slot.TimestampAt(Start.AddMs(50)));
    }
}
