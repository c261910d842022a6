using System.ComponentModel.DataAnnotations;

namespace Comms.Signaling.Security;

/// <summary>Section "Security": passwords, tokens and the sign-in limit.</summary>
public sealed record SecurityOptions
{
    /// <summary>Life of an access token in seconds; a disabled account is refused at once all the same.</summary>
    [Range(5, 86400)]
    public int AccessTokenSeconds { get; init; } = 900;

    /// <summary>Life of a refresh token in days, counted from its last use.</summary>
    [Range(1, 365)]
    public int RefreshTokenDays { get; init; } = 30;

    /// <summary>Days after which a start makes a new token signing key; older keys still verify what they signed.</summary>
    [Range(1, 3650)]
    public int SigningKeyDays { get; init; } = 90;

    /// <summary>PBKDF2-HMAC-SHA-512 iterations of new password hashes; old hashes keep theirs until the password is used.</summary>
    [Range(1000, 10_000_000)]
    public int PasswordIterations { get; init; } = 210_000;

    /// <summary>Least length of a new password in characters.</summary>
    [Range(4, 128)]
    public int PasswordMinimumLength { get; init; } = 8;

    /// <summary>Failed sign-ins of one account from one address before each further one must wait.</summary>
    [Range(1, 1000)]
    public int SignInFailuresAllowed { get; init; } = 5;

    /// <summary>Longest wait after repeated failures, in seconds.</summary>
    [Range(1, 86400)]
    public int SignInDelayMaxSeconds { get; init; } = 900;

    /// <summary>Sign-ins and refreshes of one address per minute before it is asked to wait; many phones may share one address.</summary>
    [Range(1, 1_000_000)]
    public int SignInsPerAddressPerMinute { get; init; } = 6000;
}
