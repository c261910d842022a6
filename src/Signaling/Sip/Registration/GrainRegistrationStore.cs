using System.Runtime.CompilerServices;
using Comms.Grains.Contracts;

namespace Comms.Signaling.Sip.Registration;

/// <summary>
/// Contacts in the accounts' registration grains. Each machine keeps its own: a device registered with another one's server
/// can be reached through that server's socket only.
/// </summary>
public sealed class GrainRegistrationStore(IGrainFactory grains) : IRegistrationStore
{
    private static readonly string Machine = Environment.MachineName.ToLowerInvariant();

    public Task KeepAsync(string accountId, IReadOnlyList<SipContact> contacts) =>
        grains.GetGrain<IRegistrationGrain>(accountId).Keep(Machine, [.. contacts.Select(contact => contact with { Machine = Machine })]);

    public async IAsyncEnumerable<KeptRegistration> ReadAsync([EnumeratorCancellation] CancellationToken stopping)
    {
        for (int part = 0; part < CatalogPart.Count; part++)
        {
            foreach (string[] ids in (await ListedAsync(part).ConfigureAwait(false)).Chunk(64))
            {
                stopping.ThrowIfCancellationRequested();
                foreach (KeptRegistration? kept in await Task.WhenAll(ids.Select(ReadOneAsync)).ConfigureAwait(false))
                {
                    if (kept is not null)
                    {
                        yield return kept;
                    }
                }
            }
        }
    }

    private Task<IReadOnlyList<string>> ListedAsync(int part) =>
        grains.GetGrain<ICatalogGrain>(CatalogPart.KeyOf(CatalogKind.Registration, part)).GetIds();

    private async Task<KeptRegistration?> ReadOneAsync(string accountId)
    {
        var contacts = await grains.GetGrain<IRegistrationGrain>(accountId).GetContacts().ConfigureAwait(false);
        var own = contacts.Where(contact => contact.Machine == Machine).ToList();
        if (own.Count == 0)
        {
            return null;
        }

        if (await grains.GetGrain<IAccountGrain>(accountId).Get().ConfigureAwait(false) is { Disabled: false } account)
        {
            return new KeptRegistration(accountId, account.UnitId, own);
        }

        await KeepAsync(accountId, []).ConfigureAwait(false);
        return null;
    }
}
