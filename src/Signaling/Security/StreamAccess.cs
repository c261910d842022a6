using System.Security.Claims;
using System.Text.Encodings.Web;
using Comms.Grains.Contracts;
using Comms.Media.Node.Streams;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Comms.Signaling.Security;

/// <summary>
/// Lets a stream token in as a bearer beside access tokens: what it makes is the account that asked for it, bound to one camera and one
/// use. Only endpoints that name this scheme know it.
/// </summary>
public sealed class StreamAccess(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory log, UrlEncoder encoder, StreamTokens tokens, IDirectoryIndex directory)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, log, encoder)
{
    public const string SchemeName = "Stream";
    private const string Prefix = "Bearer ";

    /// <summary>True for an access token, and for a stream token of just that use and camera.</summary>
    public static bool Allows(HttpContext context, StreamUse use, string cameraId) =>
        context.User.Identity is AccountIdentity identity && (identity.Grant is not { } grant || (grant.Use == use && grant.CameraId == cameraId));

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        string header = Request.Headers.Authorization.ToString();
        bool isOurs = header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);
        if (!isOurs || !tokens.TryVerify(header[Prefix.Length..].Trim(), out var grant) || directory.FindAccount(grant.AccountId) is not { } account)
            return Task.FromResult(AuthenticateResult.NoResult());
        var identity = new AccountIdentity(new Caller(account), grant.ExpiresAt, grant.IssuedAt) { Grant = grant };
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName)));
    }
}
