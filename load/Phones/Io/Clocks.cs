namespace Comms.Phones.Io;

/// <summary>The kernel's clocks in nanoseconds.</summary>
public static unsafe class Clocks
{
    /// <summary>CLOCK_MONOTONIC: every time of the generator but for arrivals, which the kernel stamps in real time.</summary>
    public static long MonotonicNs => Read(LibC.ClockMonotonic);

    /// <summary>Nanoseconds since 1970.</summary>
    public static long RealtimeNs => Read(LibC.ClockRealtime);

    /// <summary>Processor time of the calling thread.</summary>
    public static long ThreadCpuNs => Read(LibC.ClockThreadCpu);

    /// <summary>What to add to a real time to get the monotonic time of the same moment.</summary>
    public static long MonotonicMinusRealtimeNs
    {
        get
        {
            long before = MonotonicNs;
            long real = RealtimeNs;
            return before + (MonotonicNs - before) / 2 - real;
        }
    }

    /// <summary>Blocks the thread until a monotonic time; returns at once when it is past.</summary>
    public static void WaitUntil(long monotonicNs)
    {
        var until = new LibC.TimeSpec { Seconds = monotonicNs / 1_000_000_000, Nanoseconds = monotonicNs % 1_000_000_000 };
        while (LibC.ClockWait(LibC.ClockMonotonic, LibC.AbsoluteTime, &until, null) == LibC.Eintr)
        {
            // A signal came; the time is absolute.
        }
    }

    private static long Read(int clock)
    {
        LibC.TimeSpec time;
        _ = LibC.ClockGetTime(clock, &time);
        return time.Seconds * 1_000_000_000 + time.Nanoseconds;
    }
}
