using System.Diagnostics.CodeAnalysis;
using System.Security.Claims;
using Comms.Grains.Contracts;

namespace Comms.Signaling.Security;

/// <summary>Who makes a request: the account as it is now in the directory, not as the token once said.</summary>
public sealed record Caller(AccountDefinition Account)
{
    public Actor ActorVia(string via) => new(Account.Id, Account.UnitId, via);

    public static bool TryRead(ClaimsPrincipal? principal, [NotNullWhen(true)] out Caller? caller)
    {
        caller = principal?.Identity is AccountIdentity identity ? identity.Caller : null;
        return caller is not null;
    }

    /// <summary>The caller of a request that passed a policy of <see cref="Roles"/>.</summary>
    public static Caller Of(HttpContext context) => TryRead(context.User, out Caller? caller)
        ? caller
        : throw new InvalidOperationException("The endpoint has no authorization policy.");
}

/// <summary>The identity that a verified access token becomes. <see cref="ExpiresAt"/> closes the hub connection.</summary>
public sealed class AccountIdentity(Caller caller, DateTimeOffset expiresAt, DateTimeOffset issuedAt)
    : ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, caller.Account.Id)], "Bearer")
{
    public Caller Caller { get; } = caller;

    public DateTimeOffset ExpiresAt { get; } = expiresAt;

    public DateTimeOffset IssuedAt { get; } = issuedAt;

    /// <summary>What a stream token binds this identity to; null for an access token.</summary>
    public StreamGrant? Grant { get; init; }
}
