using Comms.Grains.Contracts;
using Comms.Media.Node;
using Comms.Media.Node.Streams;
using Comms.Signaling.Security;

namespace Comms.Signaling.Api;

/// <summary>Tokens for one camera, for players and publishers that cannot sign in: OBS, ffmpeg, a video wall, a drone.</summary>
public static class StreamTokensApi
{
    public static void Map(RouteGroupBuilder api) =>
        api.MapPost("/cameras/{id}/stream-tokens", Create).Accepts<StreamTokenBody>("application/json")
            .Produces<StreamTokenAnswer>(StatusCodes.Status201Created).RequireAuthorization(Roles.Dispatcher);

    /// <summary>Dispatchers let others watch what they may watch; only administrators let somebody publish.</summary>
    private static IResult Create(HttpContext context, string id, ApiBody<StreamTokenBody> body, StreamTokenParts parts)
    {
        Caller caller = Caller.Of(context);
        if (CamerasApi.Find(caller, id, parts.Directory) is null) return ApiProblem.NotFound("camera");
        if (body.Value.Use == StreamUse.Publish && !Roles.Holds(caller.Account, AccountRole.Administrator))
            return ApiProblem.Forbidden("Only administrators let somebody publish.");
        DateTimeOffset expiresAt = parts.Time.GetUtcNow().AddSeconds(body.Value.Seconds);
        string token = parts.Tokens.Create(body.Value.Use, id, caller.Account.Id, expiresAt);
        bool isView = body.Value.Use == StreamUse.View;
        string rtsp = parts.Media.StreamPort == 0 ? "" : $"rtsp://{context.Request.Host.Host}:{parts.Media.StreamPort}/{(isView ? "live" : "publish")}/{id}";
        string web = $"{context.Request.Scheme}://{context.Request.Host}/{(isView ? "whep" : "whip")}/{id}";
        return Results.Json(new StreamTokenAnswer(token, expiresAt, web, rtsp), statusCode: StatusCodes.Status201Created);
    }
}

/// <summary>What making a stream token needs.</summary>
public sealed record StreamTokenParts(StreamTokens Tokens, IDirectoryIndex Directory, MediaNode Media, TimeProvider Time);

/// <summary>POST /api/v1/cameras/{id}/stream-tokens.</summary>
public sealed record StreamTokenBody(StreamUse Use, int Seconds = 3600) : IApiBody
{
    private const int YearSeconds = 366 * 24 * 3600;

    public void Validate(BodyFaults faults) => faults.Range("seconds", Seconds, 1, YearSeconds);
}

/// <summary>
/// A stream token, where it is used as bearer (WHEP or WHIP), and the RTSP address without it: it goes behind "?token=", or its two
/// parts around the dot are user name and password. <paramref name="RtspUrl"/> is "" where RTSP is closed.
/// </summary>
public sealed record StreamTokenAnswer(string Token, DateTimeOffset ExpiresAt, string Url, string RtspUrl)
{
    public override string ToString() => "StreamTokenAnswer";
}
