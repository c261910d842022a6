namespace Comms.Media.Relay;

/// <summary>Waiting times between attempts: none before the first retry, then 1, 2, 4 … 60 s, each ±20 %.</summary>
public struct RelayBackoff(uint seed)
{
    private const int FirstMs = 1_000;
    private const int LongestMs = 60_000;
    private const int JitterPercent = 20;

    private uint _random = seed | 1;
    private int _failures;

    /// <summary>The waiting time after one more failure.</summary>
    public int NextMs()
    {
        var step = _failures++;
        if (step == 0)
        {
            return 0;
        }

        var full = Math.Min(LongestMs, FirstMs << Math.Min(step - 1, 10));
        _random = _random * 1_664_525 + 1_013_904_223;
        var percent = 100 - JitterPercent + (int)(_random >> 8) % (2 * JitterPercent + 1);
        return full * percent / 100;
    }

    public void Reset() => _failures = 0;
}
