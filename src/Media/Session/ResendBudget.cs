using Comms.Media.Numbers;

namespace Comms.Media.Session;

/// <summary>Bounds what one peer's NACKs may cost: so many packets again per second, so that no peer turns reports into a flood.</summary>
public struct ResendBudget
{
    /// <summary>Two voice streams lost entirely, and asked for again twice.</summary>
    private const int PerSecond = 200;

    private Instant _windowStart;
    private int _taken;

    public bool TryTake(Instant now)
    {
        if (now.MsSince(_windowStart) >= 1_000)
        {
            _windowStart = now;
            _taken = 0;
        }

        return _taken++ < PerSecond;
    }
}
