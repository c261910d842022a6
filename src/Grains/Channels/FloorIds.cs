namespace Comms.Grains.Channels;

/// <summary>
/// Burst ids and epochs of one channel: 41 bits of milliseconds since 2025 and a 12-bit counter, so they grow over
/// restarts without a write to the store and stay exact in a browser's 53-bit numbers until 2094.
/// </summary>
internal sealed class FloorIds
{
    private const int CounterBits = 12;

    private static readonly DateTimeOffset Start = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private long _last;

    /// <summary>Ids given from now on are larger than this one, which another node or an earlier life has seen.</summary>
    public void RaiseAbove(long known) => _last = Math.Max(_last, known);

    public long Next(DateTimeOffset now)
    {
        long byTime = (long)(now - Start).TotalMilliseconds << CounterBits;
        _last = Math.Max(_last + 1, byTime);
        return _last;
    }
}
