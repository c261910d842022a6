using Comms.Signaling.Security;

namespace Comms.Signaling.Api;

/// <summary>The caller's own account.</summary>
public static class MeApi
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/me", Get).RequireAuthorization(Roles.SignedIn);
        api.MapPut("/me/password", PutPasswordAsync).Accepts<PasswordBody>("application/json")
            .Produces(StatusCodes.Status204NoContent).RequireAuthorization(Roles.SignedIn);
    }

    private static AccountSummary Get(HttpContext context) => AccountSummary.Of(Caller.Of(context).Account);

    private static async Task<IResult> PutPasswordAsync(HttpContext context, ApiBody<PasswordBody> body, SignIn signIn, SecurityOptions options)
    {
        PasswordChange change = await signIn.ChangePasswordAsync(
            Caller.Of(context), body.Value.OldPassword, body.Value.NewPassword, SessionsApi.AddressOf(context));
        return change switch
        {
            PasswordChange.Done => Results.NoContent(),
            PasswordChange.TooShort => ApiProblem.Of(400, "password.tooShort", $"At least {options.PasswordMinimumLength} characters."),
            PasswordChange.Same => ApiProblem.Of(400, "password.same", "The new password is the old one."),
            PasswordChange.Wait => ApiProblem.Wait(context, TimeSpan.FromSeconds(1)),
            _ => ApiProblem.Of(400, "password.wrong", "The old password is wrong."),
        };
    }
}
