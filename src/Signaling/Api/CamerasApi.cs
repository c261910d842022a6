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
        api.MapGet("/cameras/counts", Counts).Produces<IReadOnlyList<CameraCountsAnswer>>().RequireAuthorization(Roles.Dispatcher);
        api.MapGet("/cameras/{id}", Get).Produces<CameraAnswer>().RequireAuthorization(Roles.Dispatcher);
        api.MapGet("/cameras/{id}/viewers", GetViewersAsync).Produces<IReadOnlyList<CameraViewerAnswer>>().RequireAuthorization(Roles.Dispatcher);
        api.MapPut("/cameras/{id}", PutAsync).Accepts<CameraBody>("application/json")
            .Produces(StatusCodes.Status204NoContent).RequireAuthorization(Roles.Administrator);
        api.MapDelete("/cameras/{id}", DeleteAsync).Produces(StatusCodes.Status204NoContent).RequireAuthorization(Roles.Administrator);
    }

    /// <summary>The camera when it lies in the caller's subtree, else null.</summary>
    public static CameraDefinition? Find(Caller caller, string id, IDirectoryIndex directory) =>
        directory.FindCamera(id) is { } camera && new Scope(caller, directory).HasTown(camera.TownId) ? camera : null;

    private static IResult List(HttpContext context, [AsParameters] CameraListQuery list, IDirectoryIndex directory, ICameraBridge bridge)
    {
        if (list.Within(new Scope(Caller.Of(context), directory), directory, out IResult problem) is not { } query) return problem;
        Page<CameraRecord> found = directory.Cameras(query);
        CameraAnswer[] items = [.. found.Items.Select(camera => CameraAnswer.Of(camera, bridge.GetStatus(camera.Definition.Id)))];
        return Results.Ok(new Page<CameraAnswer>(items, found.Next, found.Total));
    }

    private static IResult Counts(HttpContext context, IDirectoryIndex directory, ICameraBridge bridge, string by = "site")
    {
        if (by is not ("site" or "town")) return ApiProblem.Of(StatusCodes.Status400BadRequest, "query.invalid", "by is site or town.");
        var scope = new Scope(Caller.Of(context), directory);
        var cameras = directory.CameraIds
            .Select(directory.FindCameraRecord).OfType<CameraRecord>()
            .Where(camera => scope.HasTown(camera.Definition.TownId))
            .Select(camera => (camera, bridge.GetStatus(camera.Definition.Id).State == CameraFeedState.Live));
        return Results.Ok(CameraCountsAnswer.Of(cameras, by == "site" ? camera => camera.Site : camera => camera.TownId));
    }

    private static IResult Get(HttpContext context, string id, IDirectoryIndex directory, ICameraBridge bridge) =>
        Find(Caller.Of(context), id, directory) is not null && directory.FindCameraRecord(id) is { } camera
            ? Results.Ok(CameraAnswer.Of(camera, bridge.GetStatus(id)))
            : ApiProblem.NotFound("camera");

    private static async Task<IResult> GetViewersAsync(HttpContext context, string id, IDirectoryIndex directory, IGrainFactory grains)
    {
        if (Find(Caller.Of(context), id, directory) is null) return ApiProblem.NotFound("camera");
        IReadOnlyList<CameraViewer> viewers = await grains.GetGrain<ICameraGrain>(id).GetViewers();
        return Results.Ok(viewers.Select(CameraViewerAnswer.Of).ToArray());
    }

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
        Outcome outcome = await grains.GetGrain<ICameraGrain>(id).Put(camera.Definition(id), camera.Sources, caller.ActorVia("http"));
        return ApiProblem.From(outcome, "camera");
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, string id, IDirectoryIndex directory, IGrainFactory grains)
    {
        Caller caller = Caller.Of(context);
        if (Find(caller, id, directory) is null) return ApiProblem.NotFound("camera");
        return ApiProblem.From(await grains.GetGrain<ICameraGrain>(id).Remove(caller.ActorVia("http")), "camera");
    }
}
