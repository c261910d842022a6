using System.Security.Claims;
using Comms.Grains.Contracts;
using Comms.Signaling.Hosting;
using Comms.Signaling.Realtime;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Comms.Signaling.Security;

/// <summary>Signs and verifies access tokens: JWT (RFC 7519), HS256, subject = account id.</summary>
public sealed class AccessTokens(SigningKeys keys, SecurityOptions options, IDirectoryIndex directory, TimeProvider time)
{
    private const string Issuer = "comms";
    private const string Audience = "comms";

    /// <summary>Claim: when the token was issued, in ms since 1970. RFC 7519's "iat" counts seconds, too coarse for a sign-in after a sign-out.</summary>
    private const string IssuedAtMs = "iat_ms";

    private static readonly JsonWebTokenHandler Handler = new();

    public int LifeSeconds => options.AccessTokenSeconds;

    public string Create(AccountDefinition account) => Create(account, time.GetUtcNow().AddSeconds(options.AccessTokenSeconds));

    public string Create(AccountDefinition account, DateTimeOffset expiresAt)
    {
        DateTimeOffset now = time.GetUtcNow();
        return Handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = Audience,
            IssuedAt = now.UtcDateTime,
            NotBefore = now.UtcDateTime,
            Expires = expiresAt.UtcDateTime,
            Claims = new Dictionary<string, object> { ["sub"] = account.Id, ["jti"] = Guid.NewGuid().ToString("N"), [IssuedAtMs] = now.ToUnixTimeMilliseconds() },
            SigningCredentials = new SigningCredentials(keys.Newest, SecurityAlgorithms.HmacSha256),
        });
    }

    /// <summary>How the bearer scheme verifies; the account is looked up on every request, so that disabling it works at once.</summary>
    public void Configure(JwtBearerOptions bearer)
    {
        bearer.MapInboundClaims = false;
        bearer.TimeProvider = time;
        bearer.TokenValidationParameters = Rules();
        bearer.Events = new JwtBearerEvents
        {
            OnMessageReceived = TakeTokenOfHub,
            OnTokenValidated = FindAccount,
        };
    }

    /// <summary>Who a token stands for; null when it is not valid now or its account no longer counts.</summary>
    public async Task<AccountIdentity?> VerifyAsync(string text)
    {
        TokenValidationResult result = await Handler.ValidateTokenAsync(text, Rules());
        return result.IsValid ? Identify(result.SecurityToken) : null;
    }

    /// <summary>True for a token issued before the account's last sign-out.</summary>
    public static bool IsSignedOut(AccountDefinition account, DateTimeOffset tokenIssuedAt) =>
        account.SignedOutAt is { } at && tokenIssuedAt.ToUnixTimeMilliseconds() < at.ToUnixTimeMilliseconds();

    private TokenValidationParameters Rules() => new()
    {
        ValidIssuer = Issuer,
        ValidAudience = Audience,
        ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
        IssuerSigningKeys = keys.All,
        LifetimeValidator = (notBefore, expires, _, _) => IsAlive(notBefore, expires),
        RequireExpirationTime = true,
        RequireSignedTokens = true,
    };

    private bool IsAlive(DateTime? notBefore, DateTime? expires)
    {
        DateTime now = time.GetUtcNow().UtcDateTime;
        return expires > now && (notBefore is null || notBefore <= now.AddSeconds(1));
    }

    /// <summary>Browsers cannot set headers on WebSockets, so the hub alone takes the token from the query.</summary>
    private static Task TakeTokenOfHub(MessageReceivedContext context)
    {
        if (context.Request.Path.StartsWithSegments(HubPath.Value)) context.Token = context.Request.Query["access_token"];
        if (string.IsNullOrEmpty(context.Token)) context.Token = null;
        return Task.CompletedTask;
    }

    private Task FindAccount(TokenValidatedContext context)
    {
        if (Identify(context.SecurityToken) is { } identity) context.Principal = new ClaimsPrincipal(identity);
        else context.Fail("The account does not exist or is disabled.");
        return Task.CompletedTask;
    }

    private AccountIdentity? Identify(SecurityToken verified)
    {
        if (verified is not JsonWebToken token || directory.FindAccount(token.Subject) is not { } account || !Roles.IsPerson(account)) return null;
        DateTimeOffset issuedAt = token.TryGetPayloadValue(IssuedAtMs, out long ms) ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : token.IssuedAt;
        return IsSignedOut(account, issuedAt) ? null : new AccountIdentity(new Caller(account), token.ValidTo, issuedAt);
    }
}
