using Comms.Grains.Contracts;

namespace Comms.Grains.Accounts;

/// <summary>Decisions about accounts and refresh tokens. Pure.</summary>
public static class AccountRules
{
    /// <summary>Sign-ins remembered per account; the oldest gives way, so that nobody fills the store by signing in.</summary>
    public const int MaxTokens = 64;

    private const int MaxNameLength = 100;

    /// <summary>The first fault of a definition, or null.</summary>
    public static Outcome? Check(string key, AccountDefinition account)
    {
        if (account.Id != key || !DefinitionRules.IsId(key) || key.Any(char.IsAsciiLetterUpper))
        {
            return DefinitionRules.Invalid("An account's id is its user name in lower case: letters, digits, '.', '_' or '-'.");
        }

        return string.IsNullOrWhiteSpace(account.DisplayName) || account.DisplayName.Length > MaxNameLength
            ? DefinitionRules.Invalid("An account has a display name of up to 100 characters.")
            : null;
    }

    public static List<StoredRefreshToken> Add(IReadOnlyList<StoredRefreshToken> tokens, RefreshToken token, DateTimeOffset now)
    {
        List<StoredRefreshToken> live = [.. tokens.Where(known => known.ExpiresAt > now)];
        live.Add(new StoredRefreshToken(token.Sha256, token.ExpiresAt, IsSpent: false));
        return live.Count <= MaxTokens ? live : live[^MaxTokens..];
    }

    /// <summary>
    /// Spends a token. Accepted once; a second time means that a copy exists, so every token of the account is dropped
    /// (RFC 9700 §4.14.2). An unknown or expired token changes nothing.
    /// </summary>
    public static (SpendResult Result, List<StoredRefreshToken> Tokens) Spend(
        IReadOnlyList<StoredRefreshToken> tokens, string sha256, DateTimeOffset now)
    {
        List<StoredRefreshToken> live = [.. tokens.Where(known => known.ExpiresAt > now)];
        int at = live.FindIndex(known => known.Sha256 == sha256);
        if (at < 0)
        {
            return (SpendResult.Unknown, live);
        }

        if (live[at].IsSpent)
        {
            return (SpendResult.Reused, []);
        }

        live[at] = live[at] with { IsSpent = true };
        return (SpendResult.Accepted, live);
    }
}

/// <summary>What became of a refresh token that was shown.</summary>
public enum SpendResult
{
    Unknown,
    Accepted,
    Reused,
}
