namespace Comms.Signaling.Api;

/// <summary>Maps every endpoint below /api/v1.</summary>
public static class ApiEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder api = routes.MapGroup("/api/v1");
        api.AddEndpointFilter<RefuseBadBodies>();
        api.AddEndpointFilter<RefuseBadIds>();
        SessionsApi.Map(api);
        MeApi.Map(api);
        TownsApi.Map(api);
        UnitsApi.Map(api);
        ChannelsApi.Map(api);
        ChannelRulesApi.Map(api);
        CamerasApi.Map(api);
        SnapshotsApi.Map(api);
        StreamTokensApi.Map(api);
        CameraImportApi.Map(api);
        AccountsApi.Map(api);
        EventsApi.Map(api);
        RehearsalsApi.Map(api);
        CallsApi.Map(api);
        DialPlanApi.Map(api);
    }
}

/// <summary>Refuses route values that cannot be ids, before any grain is asked for them.</summary>
public sealed class RefuseBadIds : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        foreach (string name in (string[])["id", "subject"])
        {
            if (context.HttpContext.Request.RouteValues[name] is string value && !BodyFaults.IsId(value))
                return ValueTask.FromResult<object?>(ApiProblem.Of(StatusCodes.Status400BadRequest, "id.invalid", $"{name} is no id."));
        }

        return next(context);
    }
}
