namespace Comms.Signaling.Security;

/// <summary>
/// Slows down guessing: after some failures of one account from one address each further try must wait twice as long, and
/// one address has a budget of tries. Time is an argument; calls are serialised by a lock, since sign-ins are rare.
/// </summary>
public sealed class SignInLimiter(SecurityOptions options)
{
    /// <summary>Pairs remembered; beyond it the quietest half is forgotten, so that made-up names cannot fill memory.</summary>
    private const int Capacity = 50_000;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Account, string Address), Guesses> _guesses = [];
    private readonly Dictionary<string, Budget> _budgets = [];

    /// <summary>Zero when the try may go on, else how long to wait. Counts against the address.</summary>
    public TimeSpan Enter(string account, string address, DateTimeOffset now)
    {
        lock (_lock)
        {
            if (_guesses.TryGetValue((account, address), out Guesses guesses) && guesses.NotBefore > now) return guesses.NotBefore - now;
            return Spend(address, now);
        }
    }

    public void Failed(string account, string address, DateTimeOffset now)
    {
        lock (_lock)
        {
            _guesses.TryGetValue((account, address), out Guesses guesses);
            int failures = Math.Min(guesses.Failures + 1, options.SignInFailuresAllowed + 30);
            int over = failures - options.SignInFailuresAllowed;
            double waitSeconds = over < 0 ? 0 : Math.Min(Math.Pow(2, over), options.SignInDelayMaxSeconds);
            if (_guesses.Count >= Capacity) Forget();
            _guesses[(account, address)] = new Guesses(failures, now.AddSeconds(waitSeconds));
        }
    }

    public void Succeeded(string account, string address)
    {
        lock (_lock) _guesses.Remove((account, address));
    }

    private TimeSpan Spend(string address, DateTimeOffset now)
    {
        if (!_budgets.TryGetValue(address, out Budget budget) || now - budget.Since >= Minute) budget = new Budget(now, 0);
        if (budget.Tries >= options.SignInsPerAddressPerMinute) return budget.Since + Minute - now;
        if (_budgets.Count >= Capacity) _budgets.Clear();
        _budgets[address] = budget with { Tries = budget.Tries + 1 };
        return TimeSpan.Zero;
    }

    private void Forget()
    {
        foreach (var pair in _guesses.OrderBy(pair => pair.Value.NotBefore).Take(Capacity / 2).ToArray()) _guesses.Remove(pair.Key);
    }

    private readonly record struct Guesses(int Failures, DateTimeOffset NotBefore);

    private readonly record struct Budget(DateTimeOffset Since, int Tries);
}
