namespace Comms.Grains.Contracts;

/// <summary>One sign-in. Key: account id (the lower-cased user name).</summary>
[Alias("comms.IAccountGrain")]
public interface IAccountGrain : IGrainWithStringKey
{
    Task<AccountDefinition?> Get();

    /// <summary>Creates or changes the account; the secret is null when it stays as it is.</summary>
    Task<Outcome> Put(AccountDefinition definition, AccountSecret? secret, Actor actor);

    Task<Outcome> Remove(Actor actor);

    /// <summary>The stored verifiers, for the node that checks a password or a digest; null when there is no such account.</summary>
    Task<AccountSecret?> GetSecret();

    /// <summary>Remembers an issued refresh token by the SHA-256 of its text, until it expires.</summary>
    Task AddRefreshToken(RefreshToken token);

    /// <summary>Spends a refresh token: true exactly once. A token spent twice signs the account out everywhere.</summary>
    Task<bool> SpendRefreshToken(string sha256, DateTimeOffset now);

    /// <summary>Signs the account out everywhere: refresh tokens and access tokens issued so far are void on every node at once.</summary>
    Task SignOut(Actor actor);
}

/// <summary>Who may sign in and as what. Persisted.</summary>
[GenerateSerializer, Immutable, Alias("comms.AccountDefinition")]
public sealed record AccountDefinition(
    [property: Id(0)] string Id,
    [property: Id(1)] string DisplayName,
    [property: Id(2)] AccountRole Role,
    [property: Id(3)] string UnitId,
    /// <summary>The subtree this account may see: a tree path prefix, "" for everything.</summary>
    [property: Id(4)] string TownPath = "",
    [property: Id(5)] bool Disabled = false,
    [property: Id(6)] bool MustChangePassword = false,
    /// <summary>Tokens issued before are void; kept by the account itself, whatever a change says.</summary>
    [property: Id(7)] DateTimeOffset? SignedOutAt = null);

/// <summary>Roles, from least to most. A gateway account signs in over SIP only.</summary>
[GenerateSerializer]
public enum AccountRole
{
    Gateway,
    Responder,
    Dispatcher,
    Administrator,
}

/// <summary>Verifiers of one password; never the password. HA1 as of RFC 7616 §3.4.2 for the server's realm, lower-case hex.</summary>
[GenerateSerializer, Immutable, Alias("comms.AccountSecret")]
public sealed record AccountSecret(
    [property: Id(0)] string PasswordHash,
    [property: Id(1)] string Ha1Md5,
    [property: Id(2)] string Ha1Sha256)
{
    public override string ToString() => "AccountSecret";
}

/// <summary>A refresh token as stored: never its text.</summary>
[GenerateSerializer, Immutable, Alias("comms.RefreshToken")]
public sealed record RefreshToken(
    [property: Id(0)] string Sha256,
    [property: Id(1)] DateTimeOffset ExpiresAt);
