using Comms.Grains.Contracts;
using Comms.Signaling.Security;

namespace Comms.Signaling.Api;

/// <summary>Creates and changes accounts: nobody grants more than he has, nor locks himself out.</summary>
public sealed class AccountChanges(IDirectoryIndex directory, IGrainFactory grains, AccountSecrets secrets, SecurityOptions options)
{
    public async Task<IResult> PutAsync(Caller caller, string id, AccountBody body)
    {
        AccountDefinition? former = directory.FindAccount(id);
        if (Refuse(caller, id, body, former) is { } refusal) return refusal;
        var definition = new AccountDefinition(id, body.DisplayName, body.Role, body.UnitId, body.TownPath, body.Disabled, body.MustChangePassword);
        AccountSecret? secret = body.Password is { } password ? await Task.Run(() => secrets.Create(id, password)) : null;
        Outcome outcome = await grains.GetGrain<IAccountGrain>(id).Put(definition, secret, caller.ActorVia("http"));
        return ApiProblem.From(outcome, "account");
    }

    public static IResult OwnAccount() =>
        ApiProblem.Of(StatusCodes.Status409Conflict, "account.own", "You cannot remove, disable or demote your own account.");

    private IResult? Refuse(Caller caller, string id, AccountBody body, AccountDefinition? former)
    {
        var scope = new Scope(caller, directory);
        if (!scope.HasPath(body.TownPath) || (former is not null && !scope.HasPath(former.TownPath)))
            return ApiProblem.Forbidden("The account's place is outside your subtree.");
        if (body.TownPath.Length > 0 && directory.Towns.All(town => town.Path != body.TownPath)) return ApiProblem.NotFound("town");
        if (body.UnitId.Length > 0 && (directory.FindUnit(body.UnitId) is not { } unit || !scope.HasTown(unit.TownId)))
            return ApiProblem.NotFound("unit");
        bool isOwn = id == caller.Account.Id;
        if (isOwn && (body.Disabled || body.Role != caller.Account.Role || body.TownPath != caller.Account.TownPath)) return OwnAccount();
        if (former is null && body.Password is null)
            return ApiProblem.Of(StatusCodes.Status400BadRequest, "account.passwordMissing", "A new account needs a password.");
        return body.Password is { } password && password.Length < options.PasswordMinimumLength
            ? ApiProblem.Of(StatusCodes.Status400BadRequest, "password.tooShort", $"At least {options.PasswordMinimumLength} characters.")
            : null;
    }
}
