using Comms.Media.Io;
using Comms.Media.Numbers;
using Comms.Support;
using Xunit;

namespace Comms.Media.Tests.Io;

public class TimerWheelTests
{
    private static readonly Instant Start = new(7_777_000_000_123);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(2_559)]
    [InlineData(2_560)]
    [InlineData(2_561)]
    [InlineData(163_840)]
    [InlineData(400_000)]
    [InlineData(20_000_000)]
    public void A_timer_fires_within_one_tick_after_its_deadline_and_never_before(long delayMs)
    {
        var wheel = new TimerWheel(Start);
        var owner = new Recorder();
        var timer = new LoopTimer(owner);
        Instant deadline = Start.AddMs(delayMs);
        wheel.Arm(timer, deadline);
        Instant now = Start;
        while (owner.Fired.Count == 0)
        {
            Instant wake = wheel.NextWake();
            Assert.True(wake > now, "the wheel asks for a wake that lies behind");
            now = wake;
            wheel.Advance(now);
        }

        Assert.True(now >= deadline);
        Assert.InRange(now.UsSince(deadline), 0, 10_000);
        Assert.False(timer.IsArmed);
        Assert.Equal(Instant.Never, wheel.NextWake());
    }

    [Fact]
    public void Twenty_thousand_timers_armed_moved_and_cancelled_fire_as_a_sorted_list_says()
    {
        var wheel = new TimerWheel(Start);
        var owner = new Recorder();
        var random = new SeededRandom(11);
        var timers = new LoopTimer[20_000];
        var expected = new HashSet<int>();
        for (int i = 0; i < timers.Length; i++)
        {
            timers[i] = new LoopTimer(owner, i);
            wheel.Arm(timers[i], Start.AddMs(random.Next(600_000)));
            if (random.Next(3) == 0) wheel.Arm(timers[i], Start.AddMs(random.Next(600_000)));
            if (random.Next(5) == 0) wheel.Cancel(timers[i]);
            if (timers[i].IsArmed) expected.Add(i);
        }

        Assert.Equal(expected.Count, wheel.ArmedCount);
        var deadlines = Array.ConvertAll(timers, timer => timer.Deadline);
        for (Instant now = Start; wheel.ArmedCount > 0; now = now.AddMs(1 + random.Next(40))) wheel.Advance(now);
        Assert.Equal(expected, owner.Fired.Select(fired => fired.Tag).ToHashSet());
        Assert.All(owner.Fired, fired => Assert.InRange(fired.At.MsSince(deadlines[fired.Tag]), 0, 50));
    }

    [Fact]
    public void A_fault_of_one_owner_does_not_keep_the_others_of_its_tick_from_firing()
    {
        var faults = new List<Exception>();
        var wheel = new TimerWheel(Start, faults.Add);
        var owner = new Recorder();
        wheel.Arm(new LoopTimer(owner), Start.AddMs(10));
        wheel.Arm(new LoopTimer(new Faulty()), Start.AddMs(10));
        wheel.Arm(new LoopTimer(owner), Start.AddMs(10));
        wheel.Advance(Start.AddMs(100));
        Assert.Single(faults);
        Assert.Equal(2, owner.Fired.Count);
    }

    private sealed class Recorder : ILoopTimerOwner
    {
        public List<(int Tag, Instant At)> Fired { get; } = [];

        public void OnTimer(LoopTimer timer, Instant now) => Fired.Add((timer.Tag, now));
    }

    private sealed class Faulty : ILoopTimerOwner
    {
        public void OnTimer(LoopTimer timer, Instant now) => throw new InvalidOperationException("deliberate");
    }
}
