using System.Net;
using Comms.Grains.Contracts;
using Comms.Signaling.Security;
using Microsoft.AspNetCore.Authorization;

namespace Comms.Signaling.Debug;

/// <summary>
/// Who may look inside: anyone at the machine itself over plain HTTP, elsewhere administrators. The host name is checked, so
/// that a page of a stranger cannot read it through a name that points at 127.0.0.1.
/// </summary>
public static class DebugAccess
{
    public const string Policy = "debug";

    private static readonly string[] LocalNames = ["localhost", "127.0.0.1", "[::1]"];

    public static void AddPolicy(AuthorizationOptions options) =>
        options.AddPolicy(Policy, policy => policy.RequireAssertion(context =>
            (context.Resource is HttpContext http && IsAtMachine(http))
            || (Caller.TryRead(context.User, out Caller? caller) && Roles.Holds(caller.Account, AccountRole.Administrator))));

    private static bool IsAtMachine(HttpContext context) =>
        !context.Request.IsHttps
        && context.Connection.RemoteIpAddress is { } remote
        && IPAddress.IsLoopback(remote)
        && LocalNames.Contains(context.Request.Host.Host, StringComparer.OrdinalIgnoreCase);
}
