using Comms.Grains.Contracts;

namespace Comms.Signaling.Security;

/// <summary>What a sign-in or a refresh led to: tokens, a wait, or (neither) a refusal that does not say why.</summary>
public sealed record SignInReply(TokenPair? Tokens, TimeSpan RetryAfter)
{
    public static readonly SignInReply Refused = new(null, TimeSpan.Zero);

    public static SignInReply Wait(TimeSpan wait) => new(null, wait);

    public override string ToString() => Tokens is null ? $"no tokens, wait {RetryAfter.TotalSeconds} s" : "tokens";
}

/// <summary>Tokens for one sign-in.</summary>
public sealed record TokenPair(string AccessToken, string RefreshToken, int ExpiresInSeconds, AccountDefinition Account)
{
    public override string ToString() => "TokenPair";
}

/// <summary>How a change of password ended.</summary>
public enum PasswordChange
{
    Done,
    WrongPassword,
    TooShort,
    Same,
    Wait,
}

/// <summary>What sign-in is made of, besides the directory and its grains.</summary>
public sealed record SignInParts(AccessTokens Tokens, AccountSecrets Secrets, SecurityOptions Options);
