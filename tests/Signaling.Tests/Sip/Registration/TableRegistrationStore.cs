using System.Collections.Concurrent;
using Comms.Grains.Contracts;
using Comms.Signaling.Sip.Registration;

namespace Comms.Signaling.Tests.Sip.Registration;

/// <summary>Kept contacts of a few accounts, and how often they were written.</summary>
internal sealed class TableRegistrationStore : IRegistrationStore
{
    private int _writes;

    public ConcurrentDictionary<string, IReadOnlyList<SipContact>> Kept { get; } = new();

    public int Writes => Volatile.Read(ref _writes);

    /// <summary>While set, the store cannot be reached.</summary>
    public bool IsDown { get; set; }

    public Task KeepAsync(string accountId, IReadOnlyList<SipContact> contacts)
    {
        Interlocked.Increment(ref _writes);
        if (IsDown)
        {
            throw new TimeoutException("the store does not answer");
        }

        Kept[accountId] = contacts;
        return Task.CompletedTask;
    }

    public async IAsyncEnumerable<KeptRegistration> ReadAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken stopping)
    {
        await Task.Yield();
        foreach (var (account, contacts) in Kept)
        {
            yield return IsDown ? throw new TimeoutException("the store does not answer") : new KeptRegistration(account, "unit-" + account, contacts);
        }
    }
}
