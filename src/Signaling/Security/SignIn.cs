using Comms.Grains.Contracts;

namespace Comms.Signaling.Security;

/// <summary>Checks passwords and refresh tokens and hands out token pairs. A wrong name costs the same time as a wrong password.</summary>
public sealed class SignIn : IDisposable
{
    /// <summary>Sign-ins that may wait for a hashing turn; beyond it callers are told to come back.</summary>
    private const int WaitingMax = 256;

    /// <summary>How long a client that lost the answer may ask again with the token it has spent.</summary>
    private static readonly TimeSpan RepeatWithin = TimeSpan.FromSeconds(30);

    private readonly IGrainFactory _grains;
    private readonly IDirectoryIndex _directory;
    private readonly IJournal _journal;
    private readonly AccessTokens _tokens;
    private readonly AccountSecrets _secrets;
    private readonly SecurityOptions _options;
    private readonly SignInLimiter _limiter;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _hashing = new(Math.Max(1, Environment.ProcessorCount / 2));
    private readonly RepeatedReplies<SignInReply> _refreshed;
    private readonly string _nobodysHash;
    private int _waiting;

    public SignIn(IGrainFactory grains, IDirectoryIndex directory, IJournal journal, SignInParts parts, TimeProvider time)
    {
        (_grains, _directory, _journal, _time) = (grains, directory, journal, time);
        (_tokens, _secrets, _options) = (parts.Tokens, parts.Secrets, parts.Options);
        _limiter = new SignInLimiter(parts.Options);
        _refreshed = new RepeatedReplies<SignInReply>(RepeatWithin);
        _nobodysHash = PasswordHash.Create("", parts.Options.PasswordIterations);
    }

    public async Task<SignInReply> SignInAsync(string userName, string password, string address)
    {
        string accountId = userName.Trim().ToLowerInvariant();
        TimeSpan wait = _limiter.Enter(accountId, address, _time.GetUtcNow());
        if (wait > TimeSpan.Zero) return SignInReply.Wait(wait);
        AccountDefinition? account = _directory.FindAccount(accountId);
        AccountSecret? secret = account is null ? null : await _grains.GetGrain<IAccountGrain>(account.Id).GetSecret();
        bool? matches = await HashAsync(() => PasswordHash.Verify(password, secret?.PasswordHash ?? _nobodysHash));
        if (matches is null) return SignInReply.Wait(TimeSpan.FromSeconds(1));
        if (matches is false || account is null || secret is null || !Roles.IsPerson(account))
        {
            _limiter.Failed(accountId, address, _time.GetUtcNow());
            _journal.Append(Entry("account.sign_in_failed", accountId, new Actor(accountId, "", address)));
            return SignInReply.Refused;
        }

        _limiter.Succeeded(accountId, address);
        await RenewOutdatedHashAsync(account, secret, password);
        _journal.Append(Entry("account.signed_in", account.Id, new Actor(account.Id, account.UnitId, address)));
        return await IssueAsync(account);
    }

    /// <summary>Spends the token. A token spent before, other than just now by the same client, revokes all of the account's.</summary>
    public async Task<SignInReply> RefreshAsync(string refreshToken, string address)
    {
        DateTimeOffset now = _time.GetUtcNow();
        TimeSpan wait = _limiter.Enter("", address, now);
        if (wait > TimeSpan.Zero) return SignInReply.Wait(wait);
        if (!RefreshTokenText.TryReadAccount(refreshToken, out string accountId)) return SignInReply.Refused;
        if (_directory.FindAccount(accountId) is not { } account || !Roles.IsPerson(account)) return SignInReply.Refused;
        string sha256 = RefreshTokenText.Sha256(refreshToken);
        return await _refreshed.GetAsync(sha256, now, async () =>
            await _grains.GetGrain<IAccountGrain>(account.Id).SpendRefreshToken(sha256, now)
                ? await IssueAsync(account)
                : SignInReply.Refused);
    }

    public async Task SignOutAsync(Caller caller)
    {
        _refreshed.Clear();
        await _grains.GetGrain<IAccountGrain>(caller.Account.Id).SignOut(caller.ActorVia("http"));
    }

    /// <summary>Changes the caller's own password after checking the old one, and signs the account out everywhere.</summary>
    public async Task<PasswordChange> ChangePasswordAsync(Caller caller, string oldPassword, string newPassword, string address)
    {
        AccountDefinition account = caller.Account;
        if (newPassword.Length < _options.PasswordMinimumLength) return PasswordChange.TooShort;
        if (newPassword == oldPassword) return PasswordChange.Same;
        if (_limiter.Enter(account.Id, address, _time.GetUtcNow()) > TimeSpan.Zero) return PasswordChange.Wait;
        IAccountGrain grain = _grains.GetGrain<IAccountGrain>(account.Id);
        AccountSecret? secret = await grain.GetSecret();
        bool? matches = await HashAsync(() => PasswordHash.Verify(oldPassword, secret?.PasswordHash ?? _nobodysHash));
        if (matches is null) return PasswordChange.Wait;
        if (matches is false)
        {
            _limiter.Failed(account.Id, address, _time.GetUtcNow());
            return PasswordChange.WrongPassword;
        }

        Actor actor = caller.ActorVia("http");
        Outcome outcome = await grain.Put(account with { MustChangePassword = false }, _secrets.Create(account.Id, newPassword), actor);
        if (!outcome.IsOk) return PasswordChange.WrongPassword;
        await SignOutAsync(caller);
        return PasswordChange.Done;
    }

    public void Dispose() => _hashing.Dispose();

    private async Task RenewOutdatedHashAsync(AccountDefinition account, AccountSecret secret, string password)
    {
        if (!PasswordHash.IsOutdated(secret.PasswordHash, _options.PasswordIterations)) return;
        await _grains.GetGrain<IAccountGrain>(account.Id).Put(account, _secrets.Create(account.Id, password), Actor.System);
    }

    private async Task<SignInReply> IssueAsync(AccountDefinition account)
    {
        string refresh = RefreshTokenText.Create(account.Id);
        DateTimeOffset expires = _time.GetUtcNow().AddDays(_options.RefreshTokenDays);
        await _grains.GetGrain<IAccountGrain>(account.Id).AddRefreshToken(new RefreshToken(RefreshTokenText.Sha256(refresh), expires));
        return new SignInReply(new TokenPair(_tokens.Create(account), refresh, _tokens.LifeSeconds, account), TimeSpan.Zero);
    }

    /// <summary>Runs one hash on a bounded number of cores, so that a storm of sign-ins leaves room for voice; null when too many wait.</summary>
    private async Task<bool?> HashAsync(Func<bool> verify)
    {
        if (Interlocked.Increment(ref _waiting) > WaitingMax)
        {
            Interlocked.Decrement(ref _waiting);
            return null;
        }

        await _hashing.WaitAsync();
        try
        {
            return await Task.Run(verify);
        }
        finally
        {
            _hashing.Release();
            Interlocked.Decrement(ref _waiting);
        }
    }

    private JournalEvent Entry(string kind, string subject, Actor actor) => new(0, _time.GetUtcNow(), kind, subject, actor, "");
}
