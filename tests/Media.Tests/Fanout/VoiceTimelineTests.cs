using Comms.Media.Fanout;
using Comms.Media.Numbers;
using Comms.Support;
using Xunit;

namespace Comms.Media.Tests.Fanout;

public class VoiceTimelineTests
{
    private static readonly Instant Start = new(1_000_000_000_000);

    [Fact]
    public void A_new_burst_follows_one_number_on_after_the_elapsed_time_with_the_marker()
    {
        var timeline = new VoiceTimeline();
        var first = Place(ref timeline, 1, 100, 9_000, Start);
        var second = Place(ref timeline, 1, 101, 9_960, Start.AddMs(20));
        var third = Place(ref timeline, 2, 40_000, 123, Start.AddMs(2_020));
        Assert.Equal((first.Sequence + 1, first.Timestamp + 960, false), (second.Sequence, second.Timestamp, second.Marker));
        Assert.Equal((second.Sequence + 1, second.Timestamp + 96_000, true), (third.Sequence, third.Timestamp, third.Marker));
    }

    [Fact]
    public void Loss_and_disorder_of_the_talker_stay_visible_but_a_number_is_used_once()
    {
        var timeline = new VoiceTimeline();
        var first = Place(ref timeline, 1, 10, 0, Start);
        Assert.Equal(first.Sequence + 3, Place(ref timeline, 1, 13, 2_880, Start).Sequence);
        Assert.Equal(first.Sequence + 1, Place(ref timeline, 1, 11, 960, Start).Sequence);
        Assert.False(TryPlace(ref timeline, 1, 11, 960));
        Assert.False(TryPlace(ref timeline, 1, 13, 960));
        Assert.False(TryPlace(ref timeline, 1, 9, 0));
    }

    [Fact]
    public void A_talker_that_jumps_is_taken_as_starting_anew()
    {
        var timeline = new VoiceTimeline();
        var first = Place(ref timeline, 1, 10, 0, Start);
        var jumped = Place(ref timeline, 1, 30_000, 960, Start.AddMs(20));
        Assert.Equal((first.Sequence + 1, true), (jumped.Sequence, jumped.Marker));
        var clock = Place(ref timeline, 1, 30_001, 0x7000_0000, Start.AddMs(40));
        Assert.Equal((first.Sequence + 2, true), (clock.Sequence, clock.Marker));
        Assert.InRange(clock.Timestamp - jumped.Timestamp, 480u, 2_000u);
    }

    [Fact]
    public void Whatever_a_talker_sends_no_number_is_given_twice_and_the_line_advances_little()
    {
        var random = new SeededRandom(3);
        var timeline = new VoiceTimeline();
        var given = new HashSet<ushort>();
        long burst = 1;
        for (int i = 0; i < 20_000; i++)
        {
            if (random.Next(100) == 0) burst++;
            ushort sequence = random.Next(20) == 0 ? (ushort)random.Next(65_536) : (ushort)(i - random.Next(6));
            var header = new FrameHeader { Number = burst, Sequence = sequence, Timestamp = (uint)(i * 960), Captured = Start.AddMs(i * 20) };
            if (!Place(ref timeline, ref header)) continue;
            Assert.True(given.Add(header.Sequence) || i > 1_000 && given.Count > 60_000, $"number {header.Sequence} twice at {i}");
        }
    }

    private static FrameHeader Place(ref VoiceTimeline timeline, long burst, ushort sequence, uint timestamp, Instant captured)
    {
        var header = new FrameHeader { Number = burst, Sequence = sequence, Timestamp = timestamp, Captured = captured };
        Assert.True(Place(ref timeline, ref header));
        return header;
    }

    private static bool TryPlace(ref VoiceTimeline timeline, long burst, ushort sequence, uint timestamp)
    {
        var header = new FrameHeader { Number = burst, Sequence = sequence, Timestamp = timestamp, Captured = Start };
        return Place(ref timeline, ref header);
    }

    /// <summary>Each packet for itself, of 20 ms.</summary>
    private static bool Place(ref VoiceTimeline timeline, ref FrameHeader header)
    {
        var place = timeline.Place(ref header, 960);
        if (place is not (VoicePlace.Late or VoicePlace.Refused)) header = header with { Sequence = timeline.TakeNumber() };
        return place != VoicePlace.Refused;
    }
}
