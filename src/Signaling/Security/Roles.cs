using Comms.Grains.Contracts;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;

namespace Comms.Signaling.Security;

/// <summary>Authorization policies: one per least role. A gateway passes none of them.</summary>
public static class Roles
{
    /// <summary>Any account that may sign in over HTTP, also while its password must be changed first.</summary>
    public const string SignedIn = "signedIn";

    /// <summary>Any account that may sign in over HTTP and has its own password.</summary>
    public const string Any = "any";

    public const string Dispatcher = "dispatcher";

    public const string Administrator = "administrator";

    /// <summary>A dispatcher, by access token or by a stream token.</summary>
    public const string Viewer = "viewer";

    public static void AddPolicies(AuthorizationOptions options)
    {
        options.AddPolicy(SignedIn, policy => policy.RequireAuthenticatedUser().RequireAssertion(context =>
            Caller.TryRead(context.User, out Caller? caller) && IsPerson(caller.Account)));
        options.AddPolicy(Any, policy => Require(policy, AccountRole.Responder));
        options.AddPolicy(Dispatcher, policy => Require(policy, AccountRole.Dispatcher));
        options.AddPolicy(Viewer, policy =>
        {
            policy.AddAuthenticationSchemes(JwtBearerDefaults.AuthenticationScheme, StreamAccess.SchemeName);
            Require(policy, AccountRole.Dispatcher);
        });
        options.AddPolicy(Administrator, policy => Require(policy, AccountRole.Administrator));
    }

    /// <summary>The word of a role on the wire.</summary>
    public static string Word(AccountRole role) => role switch
    {
        AccountRole.Gateway => "gateway",
        AccountRole.Responder => "responder",
        AccountRole.Dispatcher => "dispatcher",
        _ => "administrator",
    };

    /// <summary>True when the account may do what the least role may.</summary>
    public static bool Holds(AccountDefinition account, AccountRole least) =>
        IsPerson(account) && !account.MustChangePassword && account.Role >= least;

    /// <summary>Gateways sign in over SIP only.</summary>
    public static bool IsPerson(AccountDefinition account) => !account.Disabled && account.Role != AccountRole.Gateway;

    private static void Require(AuthorizationPolicyBuilder policy, AccountRole least) =>
        policy.RequireAuthenticatedUser().RequireAssertion(context =>
            Caller.TryRead(context.User, out Caller? caller) && Holds(caller.Account, least));
}
