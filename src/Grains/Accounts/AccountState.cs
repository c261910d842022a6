using Comms.Grains.Contracts;

namespace Comms.Grains.Accounts;

/// <summary>Stored part of an account. The verifiers are sealed: HA1 is as good as a password to a SIP caller.</summary>
[GenerateSerializer, Alias("comms.AccountState")]
public sealed class AccountState
{
    [Id(0)]
    public AccountDefinition? Definition { get; set; }

    [Id(1)]
    public byte[] SealedSecret { get; set; } = [];

    [Id(2)]
    public List<StoredRefreshToken> RefreshTokens { get; set; } = [];

    public AccountState With(List<StoredRefreshToken> tokens) =>
        new() { Definition = Definition, SealedSecret = SealedSecret, RefreshTokens = tokens };
}

/// <summary>A refresh token and whether it was spent; a spent one is kept until it expires, to notice its theft.</summary>
[GenerateSerializer, Immutable, Alias("comms.StoredRefreshToken")]
public sealed record StoredRefreshToken(
    [property: Id(0)] string Sha256,
    [property: Id(1)] DateTimeOffset ExpiresAt,
    [property: Id(2)] bool IsSpent);
