using Comms.Grains.Contracts;

namespace Comms.Signaling.Sip.Registration;

/// <summary>Keeps contact bindings over restarts of the server. Thread-safe.</summary>
public interface IRegistrationStore
{
    /// <summary>Replaces the kept contacts of an account; none forgets the account.</summary>
    Task KeepAsync(string accountId, IReadOnlyList<SipContact> contacts);

    /// <summary>Everything kept, account by account; contacts of an account that may no longer register are left out.</summary>
    IAsyncEnumerable<KeptRegistration> ReadAsync(CancellationToken stopping);
}

/// <summary>The kept contacts of one account.</summary>
public sealed record KeptRegistration(string AccountId, string UnitId, IReadOnlyList<SipContact> Contacts);
