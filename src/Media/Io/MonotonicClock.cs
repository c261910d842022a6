using System.Diagnostics;
using Comms.Media.Numbers;

namespace Comms.Media.Io;

/// <summary>The node's one clock: CLOCK_MONOTONIC, which <see cref="Stopwatch"/> reads on Linux in nanoseconds.</summary>
public static class MonotonicClock
{
    private static readonly long NanosecondsPerTick = 1_000_000_000 / Stopwatch.Frequency;

    public static Instant Now => new(Stopwatch.GetTimestamp() * NanosecondsPerTick);
}
