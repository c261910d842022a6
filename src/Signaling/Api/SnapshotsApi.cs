using System.Globalization;
using Comms.Grains.Contracts;
using Comms.Signaling.Security;
using Microsoft.Net.Http.Headers;

namespace Comms.Signaling.Api;

/// <summary>A still picture of a camera that is live on this node, from its cached key frame, with its age.</summary>
public static class SnapshotsApi
{
    private const int RetrySeconds = 3;

    /// <summary>The same as Age (RFC 9111 §5.1), which counts whole seconds only.</summary>
    private const string AgeMsHeader = "Comms-Age-Ms";

    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("/cameras/{id}/snapshot", GetAsync).Produces(StatusCodes.Status200OK, contentType: "image/jpeg").RequireAuthorization(Roles.Dispatcher);

    private static async Task<IResult> GetAsync(HttpContext context, string id, IDirectoryIndex directory, Snapshots snapshots, TimeProvider time)
    {
        if (CamerasApi.Find(Caller.Of(context), id, directory) is null) return ApiProblem.NotFound("camera");
        string known = context.Request.Headers.IfNoneMatch.ToString();
        SnapshotAnswer answer = await snapshots.TakeAsync(id, known, context.RequestAborted);
        if (answer.Refusal == SnapshotRefusal.NotLive) answer = await snapshots.TakeAsync(id + "/sub", known, context.RequestAborted);
        if (answer.Snapshot is not { } snapshot) return Refuse(context, answer.Refusal);
        double ageMs = Math.Max(0, (time.GetUtcNow() - snapshot.TakenAt).TotalMilliseconds);
        var headers = context.Response.Headers;
        headers.ETag = snapshot.EntityTag;
        headers.Age = ((long)(ageMs / 1000)).ToString(CultureInfo.InvariantCulture);
        headers[AgeMsHeader] = ((long)ageMs).ToString(CultureInfo.InvariantCulture);
        headers.LastModified = HeaderUtilities.FormatDate(snapshot.TakenAt);
        headers.CacheControl = "private, no-cache";
        return known == snapshot.EntityTag ? Results.StatusCode(StatusCodes.Status304NotModified) : Results.Bytes(snapshot.Jpeg, "image/jpeg");
    }

    private static IResult Refuse(HttpContext context, SnapshotRefusal refusal)
    {
        if (refusal == SnapshotRefusal.Undecodable)
            return ApiProblem.Of(StatusCodes.Status502BadGateway, "snapshot.undecodable", "The camera's picture cannot be decoded.");
        context.Response.Headers.RetryAfter = RetrySeconds.ToString(CultureInfo.InvariantCulture);
        return refusal == SnapshotRefusal.Busy
            ? ApiProblem.Of(StatusCodes.Status503ServiceUnavailable, "snapshot.busy")
            : ApiProblem.Of(StatusCodes.Status409Conflict, "camera.notLive", "The camera has no picture on this server now.");
    }
}
