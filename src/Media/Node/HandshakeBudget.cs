using Comms.Media.Numbers;

namespace Comms.Media.Node;

/// <summary>
/// How much of a loop's time handshakes may take: 2 ms in a turn when nothing else waits, and a quarter of the time that passes
/// while voice or video does. One step may overdraw it; that is paid back before the next.
/// </summary>
internal struct HandshakeBudget
{
    /// <summary>At the most in one turn. A voice packet that comes in the middle waits this long and one step.</summary>
    public const long SliceNanoseconds = 2_000_000;

    /// <summary>One part in so many of the passing time, while other long work waits.</summary>
    private const int SharedParts = 4;

    private long _left;
    private Instant _filledAt;

    /// <summary>Begins a turn's slice.</summary>
    public void Refill(Instant now, bool isShared)
    {
        long passed = Math.Max(0, now.Nanoseconds - _filledAt.Nanoseconds);
        _filledAt = now;
        _left = isShared ? Math.Min(SliceNanoseconds, _left + passed / SharedParts) : SliceNanoseconds;
    }

    public readonly bool IsEmpty => _left <= 0;

    public void Spend(long nanoseconds) => _left -= nanoseconds;
}
