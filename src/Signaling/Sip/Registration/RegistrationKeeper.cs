using System.Collections.Concurrent;
using System.Threading.Channels;
using Comms.Grains.Contracts;
using Comms.Signaling.Sip.Transport;

namespace Comms.Signaling.Sip.Registration;

/// <summary>
/// Carries contact bindings into the store and, at the start, back. An account is written when its contacts changed, and
/// after a refresh once less than half of the stored time is left; many changes of one account are written as one.
/// </summary>
public sealed partial class RegistrationKeeper(
    SipEndpoint endpoint, SipOptions options, IRegistrationStore store, TimeProvider time, ILogger<RegistrationKeeper> log)
{
    /// <summary>How long a stop waits for what is not written yet.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(2);

    /// <summary>Two clocks are read to make one time; it may differ by this much and be the same.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, IReadOnlyList<ContactBinding>> _unwritten = new();
    private readonly Channel<string> _turns = Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Dictionary<string, IReadOnlyList<SipContact>> _written = [];
    private Task _writing = Task.CompletedTask;

    /// <summary>Puts back what was kept, before the endpoint starts, and listens from then on. Returns what is registered now.</summary>
    public async Task<IReadOnlyList<KeptRegistration>> RestoreAsync(CancellationToken stopping)
    {
        var restored = new List<KeptRegistration>();
        try
        {
            await foreach (var kept in store.ReadAsync(stopping).ConfigureAwait(false))
            {
                if (Restore(kept))
                {
                    restored.Add(kept);
                }
            }
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            // Phones register again by themselves; a server without their old contacts is better than none.
            LogUnreadable(fault);
        }

        LogRestored(restored.Count);
        endpoint.BindingsChanged += OnChanged;
        endpoint.BindingsRefreshed += OnRefreshed;
        _writing = Task.Run(WriteAsync, CancellationToken.None);
        return restored;
    }

    /// <summary>Writes what waits and ends.</summary>
    public async Task StopAsync()
    {
        endpoint.BindingsChanged -= OnChanged;
        endpoint.BindingsRefreshed -= OnRefreshed;
        _turns.Writer.TryComplete();
        try
        {
            await _writing.WaitAsync(StopLimit, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            LogUnwritten(_unwritten.Count);
        }
    }

    private bool Restore(KeptRegistration kept)
    {
        var wall = time.GetUtcNow();
        var now = endpoint.Now;
        var bindings = new List<ContactBinding>();
        foreach (var contact in kept.Contacts)
        {
            if (KeptContact.TryRead(contact, wall, now, options.MaxExpiresSeconds, out var binding))
            {
                bindings.Add(binding!);
            }
            else
            {
                LogIgnored(kept.AccountId, contact.ExpiresAt);
            }
        }

        _written[kept.AccountId] = kept.Contacts;
        if (bindings.Count < kept.Contacts.Count)
        {
            Enqueue(kept.AccountId, bindings);
        }

        if (bindings.Count == 0)
        {
            return false;
        }

        endpoint.Restore(kept.AccountId, bindings);
        return true;
    }

    private void OnChanged(BindingsChanged changed) => Enqueue(changed.AccountId, changed.Bindings);

    private void OnRefreshed(BindingsRefreshed refreshed) => Enqueue(refreshed.AccountId, refreshed.Bindings);

    // One producer, the SIP core: what waits is replaced, unless the writer has just taken it.
    private void Enqueue(string accountId, IReadOnlyList<ContactBinding> bindings)
    {
        IReadOnlyList<ContactBinding> newest = [.. bindings];
        if (_unwritten.TryGetValue(accountId, out var waiting) && _unwritten.TryUpdate(accountId, newest, waiting))
        {
            return;
        }

        _unwritten[accountId] = newest;
        _turns.Writer.TryWrite(accountId);
    }

    private async Task WriteAsync()
    {
        await foreach (var accountId in _turns.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            if (_unwritten.TryRemove(accountId, out var bindings))
            {
                await WriteAsync(accountId, bindings).ConfigureAwait(false);
            }
        }
    }

    private async Task WriteAsync(string accountId, IReadOnlyList<ContactBinding> bindings)
    {
        var wall = time.GetUtcNow();
        var now = endpoint.Now;
        // A connection ends with the server, so a device behind one cannot be reached again before it registers again.
        var contacts = bindings.Where(binding => !binding.Flow.IsReliable).Select(binding => KeptContact.Of(binding, wall, now)).ToList();
        if (_written.TryGetValue(accountId, out var written) && IsGoodEnough(written, contacts, wall))
        {
            return;
        }

        try
        {
            await store.KeepAsync(accountId, contacts).ConfigureAwait(false);
            _written[accountId] = contacts;
        }
        catch (Exception fault)
        {
            // The next refresh tries again, because what is written differs still.
            LogNotKept(accountId, fault.Message);
            _written.Remove(accountId);
        }
    }

    private static bool IsGoodEnough(IReadOnlyList<SipContact> written, List<SipContact> contacts, DateTimeOffset wall) =>
        written.Count == contacts.Count && written.Zip(contacts).All(pair =>
            pair.First.Contact == pair.Second.Contact && pair.First.Remote == pair.Second.Remote && pair.First.CallId == pair.Second.CallId
            && pair.First.ExpiresAt - wall > (pair.Second.ExpiresAt - wall) / 2 && pair.First.ExpiresAt <= pair.Second.ExpiresAt + Slack);

    [LoggerMessage(4201, LogLevel.Information, "{Accounts} SIP accounts are registered still")]
    private partial void LogRestored(int accounts);

    [LoggerMessage(4202, LogLevel.Information, "A kept contact of account {AccountId} is ignored: it is over at {ExpiresAt} or cannot be read")]
    private partial void LogIgnored(string accountId, DateTimeOffset expiresAt);

    [LoggerMessage(4203, LogLevel.Warning, "The contacts of account {AccountId} were not stored: {Fault}")]
    private partial void LogNotKept(string accountId, string fault);

    [LoggerMessage(4204, LogLevel.Warning, "The kept SIP contacts cannot be read; devices are known again when they register")]
    private partial void LogUnreadable(Exception fault);

    [LoggerMessage(4205, LogLevel.Warning, "{Accounts} SIP registrations were not stored before the stop")]
    private partial void LogUnwritten(int accounts);
}
