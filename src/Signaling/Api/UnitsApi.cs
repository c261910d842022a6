using Comms.Grains.Contracts;
using Comms.Signaling.Security;

namespace Comms.Signaling.Api;

/// <summary>Responder units.</summary>
public static class UnitsApi
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/units", ListAsync).Produces<Page<UnitView>>().RequireAuthorization(Roles.Any);
        api.MapGet("/units/{id}", GetAsync).Produces<UnitView>().RequireAuthorization(Roles.Any);
        api.MapPut("/units/{id}", PutAsync).Accepts<UnitBody>("application/json")
            .Produces(StatusCodes.Status204NoContent).RequireAuthorization(Roles.Administrator);
        api.MapDelete("/units/{id}", DeleteAsync).Produces(StatusCodes.Status204NoContent).RequireAuthorization(Roles.Administrator);
    }

    private static async Task<IResult> ListAsync(
        HttpContext context, [AsParameters] PageQuery page, IDirectoryIndex directory, IGrainFactory grains)
    {
        if (page.Within(new Scope(Caller.Of(context), directory), directory) is not { } query) return ApiProblem.NotFound("town");
        Page<UnitDefinition> units = directory.Units(query);
        return Results.Ok(new Page<UnitView>(await UnitView.OfAsync(units.Items, grains), units.Next, units.Total));
    }

    private static async Task<IResult> GetAsync(HttpContext context, string id, IDirectoryIndex directory, IGrainFactory grains) =>
        Find(context, id, directory) is { } unit ? Results.Ok((await UnitView.OfAsync([unit], grains))[0]) : ApiProblem.NotFound("unit");


    private static async Task<IResult> PutAsync(
        HttpContext context, string id, ApiBody<UnitBody> body, IDirectoryIndex directory, IGrainFactory grains)
    {
        Caller caller = Caller.Of(context);
        var scope = new Scope(caller, directory);
        UnitBody unit = body.Value;
        bool isForeign = directory.FindUnit(id) is { } former && !scope.HasTown(former.TownId);
        if (isForeign || !scope.HasTown(unit.TownId)) return ApiProblem.Forbidden("The unit's place is outside your subtree.");
        if (directory.Towns.All(town => town.Id != unit.TownId)) return ApiProblem.NotFound("town");
        var definition = new UnitDefinition(id, unit.CallSign, unit.NameZh, unit.NameEn, unit.Service, unit.TownId, unit.Priority);
        return ApiProblem.From(await grains.GetGrain<IUnitGrain>(id).Put(definition, caller.ActorVia("http")), "unit");
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, string id, IDirectoryIndex directory, IGrainFactory grains)
    {
        if (Find(context, id, directory) is null) return ApiProblem.NotFound("unit");
        return ApiProblem.From(await grains.GetGrain<IUnitGrain>(id).Remove(Caller.Of(context).ActorVia("http")), "unit");
    }

    private static UnitDefinition? Find(HttpContext context, string id, IDirectoryIndex directory) =>
        directory.FindUnit(id) is { } unit && new Scope(Caller.Of(context), directory).HasTown(unit.TownId) ? unit : null;
}
