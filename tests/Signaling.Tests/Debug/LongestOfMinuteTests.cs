using Comms.Signaling.Debug;
using Xunit;

namespace Comms.Signaling.Tests.Debug;

/// <summary>What an operator reads as the longest pause of the last minute.</summary>
public sealed class LongestOfMinuteTests
{
    private static readonly long Start = new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;

    [Fact]
    public void The_longest_of_the_last_minute_is_shown_and_forgotten_after_it()
    {
        var longest = new LongestOfMinute();

        longest.Add(At(0), 30);
        longest.Add(At(0), 20);
        longest.Add(At(10), 5);

        Assert.Equal(30, longest.Read(At(59)));
        Assert.Equal(5, longest.Read(At(60)));
        Assert.Equal(0, longest.Read(At(200)));
    }

    [Fact]
    public void A_second_that_comes_round_again_begins_anew()
    {
        var longest = new LongestOfMinute();

        longest.Add(At(1), 30);
        longest.Add(At(61), 4);

        Assert.Equal(4, longest.Read(At(61)));
    }

    private static long At(int seconds) => Start + seconds * TimeSpan.TicksPerSecond;
}
