using Comms.Grains.Accounts;
using Comms.Grains.Contracts;
using Xunit;

namespace Comms.Grains.Tests.Accounts;

/// <summary>Refresh tokens are good once; a second use ends every sign-in.</summary>
public sealed class AccountRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Token_is_accepted_once_and_its_reuse_drops_all()
    {
        List<StoredRefreshToken> tokens = AccountRules.Add([], Token("a"), Now);
        tokens = AccountRules.Add(tokens, Token("b"), Now);
        (SpendResult first, tokens) = AccountRules.Spend(tokens, "a", Now);
        (SpendResult again, tokens) = AccountRules.Spend(tokens, "a", Now);
        Assert.Equal((SpendResult.Accepted, SpendResult.Reused), (first, again));
        Assert.Empty(tokens);
    }

    [Fact]
    public void Unknown_or_expired_token_ends_nothing()
    {
        List<StoredRefreshToken> tokens = AccountRules.Add([], Token("a"), Now);
        (SpendResult unknown, tokens) = AccountRules.Spend(tokens, "x", Now);
        Assert.Equal(SpendResult.Unknown, unknown);
        Assert.Single(tokens);
        Assert.Equal(SpendResult.Unknown, AccountRules.Spend(tokens, "a", Now.AddDays(2)).Result);
    }

    [Fact]
    public void Number_of_remembered_tokens_is_bounded_and_the_oldest_goes()
    {
        List<StoredRefreshToken> tokens = [];
        for (int i = 0; i < AccountRules.MaxTokens + 10; i++)
        {
            tokens = AccountRules.Add(tokens, Token($"t{i}"), Now);
        }

        Assert.Equal(AccountRules.MaxTokens, tokens.Count);
        Assert.Equal("t10", tokens[0].Sha256);
    }

    [Theory]
    [InlineData("ann", "ann", "Ann", true)]
    [InlineData("Ann", "Ann", "Ann", false)]
    [InlineData("ann", "bob", "Ann", false)]
    [InlineData("a/b", "a/b", "Ann", false)]
    [InlineData("ann", "ann", "", false)]
    public void Definition_is_checked(string key, string id, string name, bool isValid) =>
        Assert.Equal(isValid, AccountRules.Check(key, new AccountDefinition(id, name, AccountRole.Responder, "u1")) is null);

    private static RefreshToken Token(string sha256) => new(sha256, Now.AddDays(1));
}
