using System.Text.Json;
using Comms.Grains.Contracts;
using Comms.Grains.Directory;
using Comms.Grains.Events;
using Comms.Grains.Storage;

namespace Comms.Grains.Accounts;

/// <summary>One sign-in: definition, sealed verifiers and the refresh tokens that were issued.</summary>
public sealed class AccountGrain(
    [PersistentState("account")] IPersistentState<AccountState> state,
    CatalogWriter catalog,
    ISecretBox secrets,
    IJournal journal,
    TimeProvider time) : Grain, IAccountGrain
{
    public Task<AccountDefinition?> Get() => Task.FromResult(state.State.Definition);

    public async Task<Outcome> Put(AccountDefinition definition, AccountSecret? secret, Actor actor)
    {
        if (AccountRules.Check(this.GetPrimaryKeyString(), definition) is { } fault)
        {
            return fault;
        }

        if (secret is null && state.State.SealedSecret.Length == 0)
        {
            return DefinitionRules.Invalid("A new account needs a password.");
        }

        // Who may no longer sign in, or signs in with another secret, is signed out everywhere.
        bool signsOut = definition.Disabled || secret is not null;
        definition = definition with { SignedOutAt = signsOut ? time.GetUtcNow() : state.State.Definition?.SignedOutAt };
        await catalog.ListAsync(CatalogKind.Account, definition.Id);
        await state.ReplaceAsync(new AccountState
        {
            Definition = definition,
            SealedSecret = secret is null ? state.State.SealedSecret : Seal(secret),
            RefreshTokens = signsOut ? [] : state.State.RefreshTokens,
        });
        journal.Append(time, "account.changed", definition.Id, actor, secret is null ? "put" : "put with secret");
        await catalog.ChangedAsync(CatalogKind.Account, definition.Id, index => index.Set(definition));
        return Outcome.Ok;
    }

    public async Task<Outcome> Remove(Actor actor)
    {
        if (state.State.Definition is null)
        {
            return DefinitionRules.NotFound("account");
        }

        await state.ClearStateAsync();
        journal.Append(time, "account.removed", this.GetPrimaryKeyString(), actor, "");
        await catalog.RemovedAsync(CatalogKind.Account, this.GetPrimaryKeyString());
        return Outcome.Ok;
    }

    public Task<AccountSecret?> GetSecret()
    {
        if (state.State.Definition is null || !secrets.TryOpen(state.State.SealedSecret, Purpose, out byte[] plain))
        {
            return Task.FromResult<AccountSecret?>(null);
        }

        return Task.FromResult(JsonSerializer.Deserialize<AccountSecret>(plain));
    }

    public async Task AddRefreshToken(RefreshToken token)
    {
        if (state.State.Definition is not null)
        {
            await state.ReplaceAsync(state.State.With(AccountRules.Add(state.State.RefreshTokens, token, time.GetUtcNow())));
        }
    }

    public async Task<bool> SpendRefreshToken(string sha256, DateTimeOffset now)
    {
        (SpendResult result, List<StoredRefreshToken> tokens) = AccountRules.Spend(state.State.RefreshTokens, sha256, now);
        if (result == SpendResult.Unknown)
        {
            return false;
        }

        if (result != SpendResult.Reused)
        {
            await state.ReplaceAsync(state.State.With(tokens));
        }
        else
        {
            await VoidTokensAsync();
            journal.Append(time, "account.token_reused", this.GetPrimaryKeyString(), Actor.System, "all sign-ins ended");
        }

        return result == SpendResult.Accepted;
    }

    public async Task SignOut(Actor actor)
    {
        if (state.State.Definition is not null)
        {
            await VoidTokensAsync();
            journal.Append(time, "account.signed_out", this.GetPrimaryKeyString(), actor, "");
        }
    }

    private string Purpose => $"account/{this.GetPrimaryKeyString()}";

    private byte[] Seal(AccountSecret secret) => secrets.Seal(JsonSerializer.SerializeToUtf8Bytes(secret), Purpose);

    private async Task VoidTokensAsync()
    {
        AccountDefinition definition = state.State.Definition! with { SignedOutAt = time.GetUtcNow() };
        await state.ReplaceAsync(new AccountState { Definition = definition, SealedSecret = state.State.SealedSecret, RefreshTokens = [] });
        await catalog.ChangedAsync(CatalogKind.Account, definition.Id, index => index.Set(definition));
    }
}
