using Comms.Grains.Contracts;
using Comms.Signaling.Security;

namespace Comms.Signaling.Api;

/// <summary>Accounts at or below the administrator's own place in the tree. A password goes in, never out.</summary>
public static class AccountsApi
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/accounts", List).Produces<Page<AccountDefinition>>().RequireAuthorization(Roles.Administrator);
        api.MapGet("/accounts/{id}", Get).Produces<AccountDefinition>().RequireAuthorization(Roles.Administrator);
        api.MapPut("/accounts/{id}", PutAsync).Accepts<AccountBody>("application/json")
            .Produces(StatusCodes.Status204NoContent).RequireAuthorization(Roles.Administrator);
        api.MapDelete("/accounts/{id}", DeleteAsync).Produces(StatusCodes.Status204NoContent).RequireAuthorization(Roles.Administrator);
    }

    private static IResult List(HttpContext context, [AsParameters] PageQuery page, IDirectoryIndex directory) =>
        page.Within(new Scope(Caller.Of(context), directory), directory) is { } query
            ? Results.Ok(directory.Accounts(query))
            : ApiProblem.NotFound("town");

    private static IResult Get(HttpContext context, string id, IDirectoryIndex directory) =>
        Find(context, id, directory) is { } account ? Results.Ok(account) : ApiProblem.NotFound("account");

    private static async Task<IResult> PutAsync(HttpContext context, string id, ApiBody<AccountBody> body, AccountChanges changes)
    {
        Caller caller = Caller.Of(context);
        return await changes.PutAsync(caller, id, body.Value);
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, string id, IDirectoryIndex directory, IGrainFactory grains)
    {
        Caller caller = Caller.Of(context);
        if (Find(context, id, directory) is null) return ApiProblem.NotFound("account");
        if (id == caller.Account.Id) return AccountChanges.OwnAccount();
        return ApiProblem.From(await grains.GetGrain<IAccountGrain>(id).Remove(caller.ActorVia("http")), "account");
    }

    private static AccountDefinition? Find(HttpContext context, string id, IDirectoryIndex directory) =>
        directory.FindAccount(id) is { } account && new Scope(Caller.Of(context), directory).HasPath(account.TownPath) ? account : null;
}
