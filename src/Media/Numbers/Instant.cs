namespace Comms.Media.Numbers;

/// <summary>A moment on the node's monotonic clock, in nanoseconds since that clock's own start. Never wall-clock time.</summary>
public readonly record struct Instant(long Nanoseconds) : IComparable<Instant>
{
    /// <summary>Later than every real moment: "no deadline".</summary>
    public static readonly Instant Never = new(long.MaxValue);

    /// <summary>Whole milliseconds since the clock's start.</summary>
    public long Milliseconds => Nanoseconds / 1_000_000;

    public Instant AddMs(long milliseconds) => new(Nanoseconds + milliseconds * 1_000_000);

    public Instant AddUs(long microseconds) => new(Nanoseconds + microseconds * 1_000);

    /// <summary>Milliseconds from <paramref name="earlier"/> to this moment; negative when this one is first.</summary>
    public long MsSince(Instant earlier) => (Nanoseconds - earlier.Nanoseconds) / 1_000_000;

    /// <summary>Microseconds from <paramref name="earlier"/> to this moment; negative when this one is first.</summary>
    public long UsSince(Instant earlier) => (Nanoseconds - earlier.Nanoseconds) / 1_000;

    public static Instant Min(Instant a, Instant b) => a.Nanoseconds <= b.Nanoseconds ? a : b;

    public int CompareTo(Instant other) => Nanoseconds.CompareTo(other.Nanoseconds);

    public static bool operator <(Instant a, Instant b) => a.Nanoseconds < b.Nanoseconds;

    public static bool operator >(Instant a, Instant b) => a.Nanoseconds > b.Nanoseconds;

    public static bool operator <=(Instant a, Instant b) => a.Nanoseconds <= b.Nanoseconds;

    public static bool operator >=(Instant a, Instant b) => a.Nanoseconds >= b.Nanoseconds;
}
