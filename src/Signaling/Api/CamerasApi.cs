using Comms.Grains.Contracts;
using Comms.Signaling.Bridges;
using Comms.Signaling.Security;

namespace Comms.Signaling.Api;

/// <summary>Cameras of the caller's subtree. A source goes in, never out.</summary>
public static class CamerasApi
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/cameras", List).Produces<Page<CameraAnswer>>().RequireAuthorization(Roles.Dispatcher);
        api.MapGet("/cameras/{id}", Get).Produces<CameraAnswer>().RequireAuthorization(Roles.Dispatcher);
        api.MapPut("/cameras/{id}", PutAsync).Accepts<CameraBody>("application/json")
            .Produces(StatusCodes.Status204NoContent).RequireAuthorization(Roles.Administrator);
        api.MapDelete("/cameras/{id}", DeleteAsync).Produces(StatusCodes.Status204NoContent).RequireAuthorization(Roles.Administrator);
    }

    /// <summary>The camera when it lies in the caller's subtree, else null.</summary>
    public static CameraDefinition? Find(Caller caller, string id, IDirectoryIndex directory) =>
        directory.FindCamera(id) is { } camera && new Scope(caller, directory).HasTown(camera.TownId) ? camera : null;

    private static IResult List(HttpContext context, [AsParameters] PageQuery page, IDirectoryIndex directory, ICameraBridge bridge)
    {
        if (page.Within(new Scope(Caller.Of(context), directory), directory) is not { } query) return ApiProblem.NotFound("town");
        Page<CameraDefinition> found = directory.Cameras(query);
        CameraAnswer[] items = [.. found.Items.Select(camera => CameraAnswer.Of(camera, bridge.GetStatus(camera.Id)))];
        return Results.Ok(new Page<CameraAnswer>(items, found.Next, found.Total));
    }

    private static IResult Get(HttpContext context, string id, IDirectoryIndex directory, ICameraBridge bridge) =>
        Find(Caller.Of(context), id, directory) is { } camera
            ? Results.Ok(CameraAnswer.Of(camera, bridge.GetStatus(id)))
            : ApiProblem.NotFound("camera");

    private static async Task<IResult> PutAsync(
        HttpContext context, string id, ApiBody<CameraBody> body, IDirectoryIndex directory, IGrainFactory grains)
    {
        Caller caller = Caller.Of(context);
        var scope = new Scope(caller, directory);
        CameraBody camera = body.Value;
        CameraDefinition? former = directory.FindCamera(id);
        bool isForeign = former is not null && !scope.HasTown(former.TownId);
        if (isForeign || !scope.HasTown(camera.TownId)) return ApiProblem.Forbidden("The camera's place is outside your subtree.");
        if (directory.Towns.All(town => town.Id != camera.TownId)) return ApiProblem.NotFound("town");
        if (former is null && camera.Source is null) return ApiProblem.Of(StatusCodes.Status400BadRequest, "camera.sourceMissing", "A new camera needs its source.");
        var sources = new CameraSources(SourceOf(camera.Source), SourceOf(camera.SubSource));
        Outcome outcome = await grains.GetGrain<ICameraGrain>(id).Put(DefinitionOf(id, camera), sources, caller.ActorVia("http"));
        return ApiProblem.From(outcome, "camera");
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, string id, IDirectoryIndex directory, IGrainFactory grains)
    {
        Caller caller = Caller.Of(context);
        if (Find(caller, id, directory) is null) return ApiProblem.NotFound("camera");
        return ApiProblem.From(await grains.GetGrain<ICameraGrain>(id).Remove(caller.ActorVia("http")), "camera");
    }

    private static CameraDefinition DefinitionOf(string id, CameraBody body) => new(
        id, body.NameZh, body.NameEn, body.TownId, body.Department, body.LatitudeDeg, body.LongitudeDeg, body.HeadingDeg, body.GbCode, body.Site);

    private static CameraSource? SourceOf(CameraSourceBody? body) => body is null ? null : new CameraSource(body.Url, body.UserName, body.Password);
}
