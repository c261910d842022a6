namespace Comms.Media.Numbers;

/// <summary>Dropped packets by reason. Written by its one owner; a reader on another thread sees a recent value.</summary>
public sealed class DropCounters
{
    private readonly long[] _counts = new long[Enum.GetValues<DropReason>().Length];

    public long this[DropReason reason] => Volatile.Read(ref _counts[(int)reason]);

    /// <summary>Counts one drop; <see cref="DropReason.None"/> counts nothing.</summary>
    public void Count(DropReason reason)
    {
        if (reason != DropReason.None) _counts[(int)reason]++;
    }

    /// <summary>Adds all counts of another, whose owner writes no more.</summary>
    public void Add(DropCounters other)
    {
        for (int i = 0; i < _counts.Length; i++) _counts[i] += other._counts[i];
    }
}
