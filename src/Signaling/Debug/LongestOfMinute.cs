namespace Comms.Signaling.Debug;

/// <summary>The greatest of the values that came in the last 60 s, by seconds. Times are ticks; any thread may call.</summary>
public sealed class LongestOfMinute
{
    private const int Seconds = 60;
    private readonly Lock _lock = new();
    private readonly long[] _values = new long[Seconds];
    private readonly long[] _seconds = new long[Seconds];

    public void Add(long atTicks, long value)
    {
        long second = atTicks / TimeSpan.TicksPerSecond;
        int at = (int)(second % Seconds);
        lock (_lock)
        {
            _values[at] = _seconds[at] == second ? Math.Max(_values[at], value) : value;
            _seconds[at] = second;
        }
    }

    /// <summary>0 when none came.</summary>
    public long Read(long nowTicks)
    {
        long oldest = nowTicks / TimeSpan.TicksPerSecond - Seconds + 1;
        long longest = 0;
        lock (_lock)
        {
            for (int i = 0; i < Seconds; i++)
            {
                if (_seconds[i] >= oldest) longest = Math.Max(longest, _values[i]);
            }
        }

        return longest;
    }
}
