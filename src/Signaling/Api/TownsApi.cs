using Comms.Grains.Contracts;
using Comms.Signaling.Security;

namespace Comms.Signaling.Api;

/// <summary>The tree of city, towns and villages.</summary>
public static class TownsApi
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/towns", List).RequireAuthorization(Roles.Any);
        api.MapPut("/towns/{id}", PutAsync).Accepts<TownBody>("application/json")
            .Produces(StatusCodes.Status204NoContent).RequireAuthorization(Roles.Administrator);
        api.MapDelete("/towns/{id}", DeleteAsync).Produces(StatusCodes.Status204NoContent).RequireAuthorization(Roles.Administrator);
    }

    /// <summary>The caller's subtree; its top node keeps its path from the root.</summary>
    private static TownNode[] List(HttpContext context, IDirectoryIndex directory)
    {
        var scope = new Scope(Caller.Of(context), directory);
        return directory.Towns.Where(town => scope.HasPath(town.Path)).ToArray();
    }

    private static async Task<IResult> PutAsync(
        HttpContext context, string id, ApiBody<TownBody> body, IDirectoryIndex directory, IGrainFactory grains)
    {
        Caller caller = Caller.Of(context);
        var scope = new Scope(caller, directory);
        TownBody town = body.Value;
        bool exists = directory.Towns.Any(node => node.Id == id);
        if ((exists && !scope.HasTown(id)) || !scope.HasTown(town.ParentId)) return ApiProblem.Forbidden("The place is outside your subtree.");
        var node = new TownNode(id, town.ParentId, town.Level, town.NameZh, town.NameEn, town.DivisionCode);
        return ApiProblem.From(await grains.GetGrain<ITownTreeGrain>(TownTree.Key).Put(node, caller.ActorVia("http")), "town");
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, string id, IDirectoryIndex directory, IGrainFactory grains)
    {
        Caller caller = Caller.Of(context);
        if (!new Scope(caller, directory).HasTown(id)) return ApiProblem.NotFound("town");
        return ApiProblem.From(await grains.GetGrain<ITownTreeGrain>(TownTree.Key).Remove(id, caller.ActorVia("http")), "town");
    }
}
