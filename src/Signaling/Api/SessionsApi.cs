using Comms.Signaling.Security;

namespace Comms.Signaling.Api;

/// <summary>Sign-in, refresh and sign-out.</summary>
public static class SessionsApi
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/sessions", CreateAsync).Accepts<SessionBody>("application/json").Produces<SessionAnswer>().AllowAnonymous();
        api.MapPost("/sessions/refresh", RefreshAsync).Accepts<RefreshBody>("application/json").Produces<SessionAnswer>().AllowAnonymous();
        api.MapDelete("/sessions", DeleteAsync).Produces(StatusCodes.Status204NoContent).RequireAuthorization(Roles.SignedIn);
    }

    /// <summary>The address that limits count by. IPv4 in IPv6 form is the same address.</summary>
    public static string AddressOf(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress;
        return (address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address)?.ToString() ?? "";
    }

    private static async Task<IResult> CreateAsync(HttpContext context, ApiBody<SessionBody> body, SignIn signIn) =>
        Answer(context, await signIn.SignInAsync(body.Value.UserName, body.Value.Password, AddressOf(context)), "signIn.refused");

    private static async Task<IResult> RefreshAsync(HttpContext context, ApiBody<RefreshBody> body, SignIn signIn) =>
        Answer(context, await signIn.RefreshAsync(body.Value.RefreshToken, AddressOf(context)), "refresh.refused");

    private static async Task<IResult> DeleteAsync(HttpContext context, SignIn signIn)
    {
        await signIn.SignOutAsync(Caller.Of(context));
        return Results.NoContent();
    }

    private static IResult Answer(HttpContext context, SignInReply reply, string refusal)
    {
        if (reply.RetryAfter > TimeSpan.Zero) return ApiProblem.Wait(context, reply.RetryAfter);
        if (reply.Tokens is not { } tokens) return ApiProblem.Of(StatusCodes.Status401Unauthorized, refusal);
        context.Response.Headers.CacheControl = "no-store";
        return Results.Ok(new SessionAnswer(tokens.AccessToken, tokens.RefreshToken, tokens.ExpiresInSeconds, AccountSummary.Of(tokens.Account)));
    }
}
