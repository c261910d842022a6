using Comms.Grains.Contracts;
using Comms.Media.Node;
using Comms.Media.Node.Streams;
using Comms.Signaling.Api;
using Comms.Signaling.Bridges;
using Comms.Signaling.Hosting;
using Comms.Signaling.Security;

namespace Comms.Signaling.WebRtc;

/// <summary>
/// WHEP for cameras, draft-ietf-wish-whep-03: one POST makes a viewing session, its URL takes PATCH (trickle ICE, ICE restart) and
/// DELETE; its "layer" URL changes between the camera's main and sub stream without a new session. WHIP (RFC 9725) is the same the other
/// way round: OBS, a phone or a drone publishes to a camera of ours.
/// </summary>
public sealed class WhepEndpoint(
    PeerConnector peers, IMediaNode node, ICameraBridge cameras, IDirectoryIndex directory, WhepSessions sessions, WhepParts parts)
{
    private const string SessionPath = "/whep/sessions/";
    private const string PublishingPath = "/whip/sessions/";

    /// <summary>A camera that is not there yet, a node that is not registered yet.</summary>
    private const int ConflictRetrySeconds = 3;

    private const string LayerExtension = "urn:ietf:params:whep:ext:core:layer";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var whep = routes.MapGroup("/whep").RequireAuthorization(Roles.Viewer).AddEndpointFilter<WhepCrossOrigin>();
        whep.MapPost("/{cameraId}", (HttpContext context, string cameraId) => Of(context).PostAsync(context, cameraId))
            .Accepts<string>(SdpBody.OfferType).Produces<string>(StatusCodes.Status201Created, SdpBody.OfferType);
        whep.MapMethods("/{cameraId}", [HttpMethods.Get, HttpMethods.Head], (HttpContext context, string cameraId) => Of(context).Get(context, cameraId));
        MapSessions(whep);
        whep.MapPost("/sessions/{id}/layer", (HttpContext context, string id, ApiBody<LayerBody> body) => Of(context).ShowLayerAsync(context, id, body.Value))
            .AddEndpointFilter<RefuseBadBodies>().Accepts<LayerBody>("application/json").Produces(StatusCodes.Status200OK);

        // A preflight carries no token (Fetch §4.8), so it is answered without one.
        foreach (string path in (string[])["/{cameraId}", "/sessions/{id}", "/sessions/{id}/layer"])
            whep.MapMethods(path, [HttpMethods.Options], () => Results.Ok()).AllowAnonymous();
        MapPublishing(routes);
    }

    private static void MapPublishing(IEndpointRouteBuilder routes)
    {
        var whip = routes.MapGroup("/whip").RequireAuthorization(Roles.Viewer).AddEndpointFilter<WhepCrossOrigin>();
        whip.MapPost("/{cameraId}", (HttpContext context, string cameraId) => Of(context).PublishAsync(context, cameraId))
            .Accepts<string>(SdpBody.OfferType).Produces<string>(StatusCodes.Status201Created, SdpBody.OfferType);
        MapSessions(whip);
        foreach (string path in (string[])["/{cameraId}", "/sessions/{id}"])
            whip.MapMethods(path, [HttpMethods.Options], () => Results.Ok()).AllowAnonymous();
    }

    private static void MapSessions(RouteGroupBuilder group)
    {
        group.MapMethods("/sessions/{id}", [HttpMethods.Get, HttpMethods.Head], (HttpContext context, string id) => Of(context).GetSession(context, id));
        group.MapPatch("/sessions/{id}", (HttpContext context, string id) => Of(context).PatchAsync(context, id))
            .Accepts<string>(SdpBody.FragmentType).Produces(StatusCodes.Status204NoContent).Produces<string>(StatusCodes.Status200OK, SdpBody.FragmentType);
        group.MapDelete("/sessions/{id}", (HttpContext context, string id) => Of(context).DeleteAsync(context, id)).Produces(StatusCodes.Status200OK);
    }

    private static WhepEndpoint Of(HttpContext context) => context.RequestServices.GetRequiredService<WhepEndpoint>();

    private async Task<IResult> PostAsync(HttpContext context, string cameraId)
    {
        var caller = Caller.Of(context);
        if (!StreamAccess.Allows(context, StreamUse.View, cameraId)) return ApiProblem.Forbidden("The token is for another camera or another use.");
        if (CamerasApi.Find(caller, cameraId, directory) is null) return ApiProblem.NotFound("camera");
        if (!SdpBody.IsOf(context.Request, SdpBody.OfferType)) return MediaRefusals.WrongType(SdpBody.OfferType);
        if (!LayerBody.TryRead(context.Request.Query["profile"], out CameraProfile profile)) return ApiProblem.Of(StatusCodes.Status400BadRequest, "profile.unknown");
        if (await SdpBody.ReadAsync(context.Request, parts.Http.MaxBodyBytes) is not { } offer) return MediaRefusals.TooLarge(parts.Http);
        var answer = await peers.OpenAsync(offer, OfferKind.Feed, caller.Account.Id);
        if (!answer.IsOk) return MediaRefusals.Of(context, answer);

        // Known by its URL before it is shown: a session that media ends meanwhile is then removed by that event.
        var session = sessions.Add(answer, caller.Account.Id, cameraId, profile);
        var view = await cameras.ViewAsync(answer.Session, cameraId, profile, caller.ActorVia("whep"));
        if (!view.Outcome.IsOk)
        {
            await EndAsync(session);
            return Refused(context, view.Outcome);
        }

        sessions.Show(session, view.Profile);
        var headers = context.Response.Headers;
        headers.ETag = session.EntityTag;
        headers.Location = SessionPath + session.Id;
        headers.Link = new([$"<{SessionPath}{session.Id}/layer>; rel=\"{LayerExtension}\"", .. parts.IceServers.For(caller.Account.Id)]);
        return Results.Text(answer.Sdp, SdpBody.OfferType, statusCode: StatusCodes.Status201Created);
    }

    /// <summary>Administrators publish, and whoever they gave a token for this camera.</summary>
    private async Task<IResult> PublishAsync(HttpContext context, string cameraId)
    {
        var caller = Caller.Of(context);
        if (!StreamAccess.Allows(context, StreamUse.Publish, cameraId) || !Roles.Holds(caller.Account, AccountRole.Administrator))
            return ApiProblem.Forbidden("A token to publish to this camera is needed.");
        if (CamerasApi.Find(caller, cameraId, directory) is null) return ApiProblem.NotFound("camera");
        if (!SdpBody.IsOf(context.Request, SdpBody.OfferType)) return MediaRefusals.WrongType(SdpBody.OfferType);
        if (await SdpBody.ReadAsync(context.Request, parts.Http.MaxBodyBytes) is not { } offer) return MediaRefusals.TooLarge(parts.Http);
        var answer = await peers.OpenAsync(offer, OfferKind.Publish, caller.Account.Id);
        if (!answer.IsOk) return MediaRefusals.Of(context, answer);
        var session = sessions.Add(answer, caller.Account.Id, cameraId, CameraProfile.Main);
        await node.PublishAsync(answer.Session, cameraId);
        var headers = context.Response.Headers;
        headers.ETag = session.EntityTag;
        headers.Location = PublishingPath + session.Id;
        headers.Link = new([.. parts.IceServers.For(caller.Account.Id)]);
        return Results.Text(answer.Sdp, SdpBody.OfferType, statusCode: StatusCodes.Status201Created);
    }

    private IResult Get(HttpContext context, string cameraId)
    {
        if (CamerasApi.Find(Caller.Of(context), cameraId, directory) is null) return ApiProblem.NotFound("camera");
        context.Response.Headers.Link = new([.. parts.IceServers.For(Caller.Of(context).Account.Id)]);
        return Results.NoContent();
    }

    private IResult GetSession(HttpContext context, string id)
    {
        if (Find(context, id) is not { } session) return ApiProblem.NotFound("session");
        context.Response.Headers.ETag = session.EntityTag;
        return Results.NoContent();
    }

    private async Task<IResult> PatchAsync(HttpContext context, string id)
    {
        if (Find(context, id) is not { } session) return ApiProblem.NotFound("session");
        if (!SdpBody.IsOf(context.Request, SdpBody.FragmentType)) return MediaRefusals.WrongType(SdpBody.FragmentType);
        string match = context.Request.Headers.IfMatch.ToString();
        if (match.Length == 0) return ApiProblem.Of(StatusCodes.Status428PreconditionRequired, "ifMatch.missing", "If-Match with the session's ETag is needed.");
        if (await SdpBody.ReadAsync(context.Request, parts.Http.MaxBodyBytes) is not { } text) return MediaRefusals.TooLarge(parts.Http);
        if (!TrickleFragment.TryParse(text, out var fragment)) return ApiProblem.Of(StatusCodes.Status400BadRequest, "fragment.invalid");
        if (match != "*" && match != session.EntityTag) return ApiProblem.Of(StatusCodes.Status412PreconditionFailed, "ifMatch.other");
        if (fragment.IsRestart(session.RemoteUfrag)) return await RestartAsync(context, session, fragment);

        // A lite agent learns addresses from checks, so the candidates themselves are not needed.
        return match == "*" ? ApiProblem.Of(StatusCodes.Status400BadRequest, "fragment.invalid", "An ICE restart needs new credentials.") : Results.NoContent();
    }

    /// <summary>ICE restart, RFC 9725 §4.3.3: new credentials of ours under a new entity tag; media and keys stay.</summary>
    private async Task<IResult> RestartAsync(HttpContext context, WhepSession session, TrickleFragment fragment)
    {
        if (!OfferAnswer.IsUsable(fragment.Ufrag, fragment.Password)) return ApiProblem.Of(StatusCodes.Status400BadRequest, "fragment.invalid");
        var restarted = await node.RestartIceAsync(session.Media, fragment.Ufrag!, fragment.Password!);
        if (!restarted.IsOk) return ApiProblem.NotFound("session");
        if (sessions.Restart(session, fragment.Ufrag!) is not { } present) return ApiProblem.Of(StatusCodes.Status412PreconditionFailed, "ifMatch.other");
        context.Response.Headers.ETag = present.EntityTag;
        return Results.Text(AnswerWriter.WriteFragment(present.Sections, restarted.Value!, node.Description), SdpBody.FragmentType);
    }

    /// <summary>The other stream takes over at its first key frame; until then the present one goes on.</summary>
    private async Task<IResult> ShowLayerAsync(HttpContext context, string id, LayerBody layer)
    {
        if (Find(context, id) is not { } session) return ApiProblem.NotFound("session");
        LayerBody.TryRead(layer.EncodingId, out CameraProfile profile);
        var view = await cameras.ViewAsync(session.Media, session.CameraId, profile, Caller.Of(context).ActorVia("whep"));
        if (!view.Outcome.IsOk) return Refused(context, view.Outcome);
        sessions.Show(session, view.Profile);
        return Results.Ok();
    }

    private async Task<IResult> DeleteAsync(HttpContext context, string id)
    {
        if (Find(context, id) is not { } session) return ApiProblem.NotFound("session");
        await EndAsync(session);
        return Results.Ok();
    }

    private WhepSession? Find(HttpContext context, string id) => sessions.Find(id, Caller.Of(context).Account.Id);

    private async Task EndAsync(WhepSession session)
    {
        if (!sessions.Remove(session)) return;
        await cameras.StopViewingAsync(session.Media);
        await node.CloseSessionAsync(session.Media);
    }

    private static IResult Refused(HttpContext context, Outcome outcome)
    {
        if (outcome.Code == OutcomeCode.Conflict) MediaRefusals.RetryAfter(context, ConflictRetrySeconds);
        return ApiProblem.From(outcome, "camera");
    }
}

/// <summary>What the WHEP endpoint reads: settings, and the ICE servers it names.</summary>
public sealed record WhepParts(HttpOptions Http, IceServerLinks IceServers);

/// <summary>POST /whep/sessions/{id}/layer: "main" or "sub".</summary>
public sealed record LayerBody(string EncodingId) : IApiBody
{
    public void Validate(BodyFaults faults)
    {
        if (!TryRead(EncodingId, out _)) faults.Add("encodingId", "is main or sub");
    }

    /// <summary>Nothing said is main.</summary>
    public static bool TryRead(string? word, out CameraProfile profile)
    {
        profile = word == "sub" ? CameraProfile.Sub : CameraProfile.Main;
        return string.IsNullOrEmpty(word) || word is "main" or "sub";
    }
}
