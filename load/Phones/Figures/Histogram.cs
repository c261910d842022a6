namespace Comms.Phones.Figures;

/// <summary>Counts of times in steps of 0.1 ms up to 10 s; longer ones stand in the last step. Written by one thread.</summary>
public sealed class Histogram
{
    private const int StepsPerMs = 10;
    private const int Steps = 10_000 * StepsPerMs;
    private readonly int[] _counts = new int[Steps + 1];

    public long Count { get; private set; }

    public void AddNs(long ns)
    {
        _counts[(int)Math.Clamp(ns / (1_000_000 / StepsPerMs), 0, Steps)]++;
        Count++;
    }

    public void Add(Histogram other)
    {
        for (int i = 0; i <= Steps; i++) _counts[i] += other._counts[i];
        Count += other.Count;
    }

    public void Clear()
    {
        Array.Clear(_counts);
        Count = 0;
    }

    /// <summary>Nearest-rank percentile in milliseconds; NaN without values.</summary>
    public double PercentileMs(double fraction)
    {
        if (Count == 0) return double.NaN;
        long rank = Math.Max(1, (long)Math.Ceiling(fraction * Count));
        long sum = 0;
        for (int i = 0; i <= Steps; i++)
        {
            sum += _counts[i];
            if (sum >= rank) return (i + 1) / (double)StepsPerMs;
        }

        return Steps / (double)StepsPerMs;
    }
}
