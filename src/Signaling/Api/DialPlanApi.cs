using Comms.Grains.Contracts;
using Comms.Signaling.Security;

namespace Comms.Signaling.Api;

/// <summary>The dial plan: numbers, aliases and trunks. A trunk's password goes in, never out.</summary>
public static class DialPlanApi
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/dial-plan", Get).Produces<DialPlan>().RequireAuthorization(Roles.Dispatcher);
        api.MapPut("/dial-plan/numbers/{id}", PutNumberAsync).Accepts<DialNumberBody>("application/json")
            .Produces(StatusCodes.Status204NoContent).RequireAuthorization(Roles.Administrator);
        api.MapDelete("/dial-plan/numbers/{id}", DeleteNumberAsync).Produces(StatusCodes.Status204NoContent).RequireAuthorization(Roles.Administrator);
        api.MapPut("/dial-plan/trunks/{id}", PutTrunkAsync).Accepts<TrunkBody>("application/json")
            .Produces(StatusCodes.Status204NoContent).RequireAuthorization(Roles.Administrator);
        api.MapDelete("/dial-plan/trunks/{id}", DeleteTrunkAsync).Produces(StatusCodes.Status204NoContent).RequireAuthorization(Roles.Administrator);
    }

    private static IResult Get(IDirectoryIndex directory) => Results.Ok(directory.DialPlan);

    private static async Task<IResult> PutNumberAsync(HttpContext context, string id, ApiBody<DialNumberBody> body, IDirectoryIndex directory, IGrainFactory grains)
    {
        Caller caller = Caller.Of(context);
        if (!IsOfCity(caller)) return Elsewhere();
        DialNumberBody number = body.Value;
        if (number.Kind == DialKind.Channel && directory.FindChannel(number.TargetId) is null) return ApiProblem.NotFound("channel");
        if (number.Kind == DialKind.Unit && directory.FindUnit(number.TargetId) is null) return ApiProblem.NotFound("unit");
        return ApiProblem.From(await Plan(grains).PutNumber(new DialNumber(id, number.Kind, number.TargetId), caller.ActorVia("http")), "number");
    }

    private static async Task<IResult> DeleteNumberAsync(HttpContext context, string id, IGrainFactory grains)
    {
        Caller caller = Caller.Of(context);
        return IsOfCity(caller) ? ApiProblem.From(await Plan(grains).RemoveNumber(id, caller.ActorVia("http")), "number") : Elsewhere();
    }

    private static async Task<IResult> PutTrunkAsync(HttpContext context, string id, ApiBody<TrunkBody> body, IDirectoryIndex directory, IGrainFactory grains)
    {
        Caller caller = Caller.Of(context);
        if (!IsOfCity(caller)) return Elsewhere();
        TrunkBody trunk = body.Value;
        if (directory.FindUnit(trunk.UnitId) is null) return ApiProblem.NotFound("unit");
        var definition = new TrunkDefinition(id, trunk.Name, trunk.Uri, trunk.UnitId, trunk.UserName, trunk.Registers, trunk.Domain);
        return ApiProblem.From(await Plan(grains).PutTrunk(definition, trunk.Password, caller.ActorVia("http")), "trunk");
    }

    private static async Task<IResult> DeleteTrunkAsync(HttpContext context, string id, IGrainFactory grains)
    {
        Caller caller = Caller.Of(context);
        return IsOfCity(caller) ? ApiProblem.From(await Plan(grains).RemoveTrunk(id, caller.ActorVia("http")), "trunk") : Elsewhere();
    }

    private static IDialPlanGrain Plan(IGrainFactory grains) => grains.GetGrain<IDialPlanGrain>(DialPlan.Key);

    // Numbers are the whole city's.
    private static bool IsOfCity(Caller caller) => caller.Account.TownPath.Length == 0;

    private static IResult Elsewhere() => ApiProblem.Forbidden("The dial plan is the whole city's.");
}
