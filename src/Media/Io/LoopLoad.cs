using Comms.Media.Numbers;

namespace Comms.Media.Io;

/// <summary>How much of its wall time a loop works, over windows of half a second. Time is an argument.</summary>
public struct LoopLoad(Instant start)
{
    private const long WindowNanoseconds = 500_000_000;

    private Instant _windowStart = start;
    private long _busyNanoseconds;

    /// <summary>Thousandths of the last full window.</summary>
    public int Permille { get; private set; }

    /// <summary>The loop worked from the one moment to the other and waited before.</summary>
    public void OnTurn(Instant began, Instant ended)
    {
        _busyNanoseconds += ended.Nanoseconds - began.Nanoseconds;
        long passed = ended.Nanoseconds - _windowStart.Nanoseconds;
        if (passed < WindowNanoseconds) return;
        Permille = (int)(Math.Min(_busyNanoseconds, passed) * 1_000 / passed);
        _windowStart = ended;
        _busyNanoseconds = 0;
    }
}
