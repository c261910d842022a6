using Comms.Grains.Contracts;
using Comms.Grains.Directory;
using Comms.Grains.Storage;

namespace Comms.Grains.Registrations;

/// <summary>The stored contacts of one account. Listed while it has any, so that a server that starts finds them.</summary>
public sealed class RegistrationGrain(
    [PersistentState("registration")] IPersistentState<RegistrationState> state, CatalogWriter catalog) : Grain, IRegistrationGrain
{
    public Task<IReadOnlyList<SipContact>> GetContacts() => Task.FromResult<IReadOnlyList<SipContact>>(state.State.Contacts);

    public async Task Keep(string machine, IReadOnlyList<SipContact> contacts)
    {
        string id = this.GetPrimaryKeyString();
        List<SipContact> kept = [.. state.State.Contacts.Where(contact => contact.Machine != machine), .. contacts];
        if (kept.Count > 0)
        {
            await catalog.ListAsync(CatalogKind.Registration, id);
            await state.ReplaceAsync(new RegistrationState { Contacts = kept });
        }
        else
        {
            await state.ClearStateAsync();
            await catalog.UnlistAsync(CatalogKind.Registration, id);
        }
    }
}
