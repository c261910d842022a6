namespace Comms.Grains.Contracts;

/// <summary>Where the SIP devices of one account were reached last, kept over restarts. Key: account id.</summary>
[Alias("comms.IRegistrationGrain")]
public interface IRegistrationGrain : IGrainWithStringKey
{
    Task<IReadOnlyList<SipContact>> GetContacts();

    /// <summary>Replaces what the server on one machine holds; contacts of other machines stay.</summary>
    Task Keep(string machine, IReadOnlyList<SipContact> contacts);
}

/// <summary>One contact binding (RFC 3261 §10) as stored.</summary>
[GenerateSerializer, Immutable, Alias("comms.SipContact")]
public sealed record SipContact(
    [property: Id(0)] string Machine,
    /// <summary>The Contact header's value, parameters included.</summary>
    [property: Id(1)] string Contact,
    /// <summary>Our address and port, where the REGISTER came in.</summary>
    [property: Id(2)] string Local,
    /// <summary>The device's address and port, as its packets came.</summary>
    [property: Id(3)] string Remote,
    [property: Id(4)] DateTimeOffset ExpiresAt,
    [property: Id(5)] string CallId,
    [property: Id(6)] uint CSeq);
