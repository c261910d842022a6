using Comms.Grains.Contracts;
using Comms.Media.Node;
using Comms.Signaling.Api;
using Comms.Signaling.Bridges;
using Comms.Signaling.Hosting;
using Comms.Signaling.Security;

namespace Comms.Signaling.WebRtc;

/// <summary>
/// WHEP for cameras, draft-ietf-wish-whep-03: one POST makes a viewing session, its URL takes PATCH (trickle ICE) and DELETE.
/// An ICE restart is not supported: a viewer makes a new session instead.
/// </summary>
public sealed class WhepEndpoint(
    PeerConnector peers, IMediaNode node, ICameraBridge cameras, IDirectoryIndex directory, WhepSessions sessions, HttpOptions http)
{
    private const string SessionPath = "/whep/sessions/";

    /// <summary>A full node is likely to stay so for a while; a stopping one is back soon.</summary>
    private const int FullRetrySeconds = 10;
    private const int StoppingRetrySeconds = 3;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var whep = routes.MapGroup("/whep").RequireAuthorization(Roles.Dispatcher).AddEndpointFilter<WhepCrossOrigin>();
        whep.MapPost("/{cameraId}", (HttpContext context, string cameraId) => Of(context).PostAsync(context, cameraId))
            .Accepts<string>(SdpBody.OfferType).Produces<string>(StatusCodes.Status201Created, SdpBody.OfferType);
        whep.MapMethods("/{cameraId}", [HttpMethods.Get, HttpMethods.Head], (HttpContext context, string cameraId) => Of(context).Get(context, cameraId));
        whep.MapMethods("/sessions/{id}", [HttpMethods.Get, HttpMethods.Head], (HttpContext context, string id) => Of(context).GetSession(context, id));
        whep.MapPatch("/sessions/{id}", (HttpContext context, string id) => Of(context).PatchAsync(context, id))
            .Accepts<string>(SdpBody.FragmentType).Produces(StatusCodes.Status204NoContent);
        whep.MapDelete("/sessions/{id}", (HttpContext context, string id) => Of(context).DeleteAsync(context, id)).Produces(StatusCodes.Status200OK);

        // A preflight carries no token (Fetch §4.8), so it is answered without one.
        whep.MapMethods("/{cameraId}", [HttpMethods.Options], () => Results.Ok()).AllowAnonymous();
        whep.MapMethods("/sessions/{id}", [HttpMethods.Options], () => Results.Ok()).AllowAnonymous();
    }

    private static WhepEndpoint Of(HttpContext context) => context.RequestServices.GetRequiredService<WhepEndpoint>();

    private async Task<IResult> PostAsync(HttpContext context, string cameraId)
    {
        var caller = Caller.Of(context);
        if (CamerasApi.Find(caller, cameraId, directory) is null) return ApiProblem.NotFound("camera");
        if (!SdpBody.IsOf(context.Request, SdpBody.OfferType)) return WrongType(SdpBody.OfferType);
        if (await SdpBody.ReadAsync(context.Request, http.MaxBodyBytes) is not { } offer) return TooLarge();
        var answer = await peers.OpenAsync(offer, OfferKind.Feed, caller.Account.Id);
        if (!answer.IsOk) return Refuse(context, answer);

        // Known by its URL before it is shown: a session that media ends meanwhile is then removed by that event.
        var session = sessions.Add(answer.Session, caller.Account.Id, cameraId, answer.RemoteUfrag);
        var view = await cameras.ViewAsync(answer.Session, cameraId, CameraProfile.Main, caller.ActorVia("whep"));
        if (!view.Outcome.IsOk)
        {
            await EndAsync(session);
            return ApiProblem.From(view.Outcome, "camera");
        }

        context.Response.Headers.ETag = session.EntityTag;
        context.Response.Headers.Location = SessionPath + session.Id;
        return Results.Text(answer.Sdp, SdpBody.OfferType, statusCode: StatusCodes.Status201Created);
    }

    private IResult Get(HttpContext context, string cameraId) =>
        CamerasApi.Find(Caller.Of(context), cameraId, directory) is null ? ApiProblem.NotFound("camera") : Results.NoContent();

    private IResult GetSession(HttpContext context, string id)
    {
        if (Find(context, id) is not { } session) return ApiProblem.NotFound("session");
        context.Response.Headers.ETag = session.EntityTag;
        return Results.NoContent();
    }

    private async Task<IResult> PatchAsync(HttpContext context, string id)
    {
        if (Find(context, id) is not { } session) return ApiProblem.NotFound("session");
        if (!SdpBody.IsOf(context.Request, SdpBody.FragmentType)) return WrongType(SdpBody.FragmentType);
        string match = context.Request.Headers.IfMatch.ToString();
        if (match.Length == 0) return ApiProblem.Of(StatusCodes.Status428PreconditionRequired, "ifMatch.missing", "If-Match with the session's ETag is needed.");
        if (await SdpBody.ReadAsync(context.Request, http.MaxBodyBytes) is not { } text) return TooLarge();
        if (!TrickleFragment.TryParse(text, out var fragment)) return ApiProblem.Of(StatusCodes.Status400BadRequest, "fragment.invalid");
        if (match == "*" || fragment.IsRestart(session.RemoteUfrag))
            return ApiProblem.Of(StatusCodes.Status422UnprocessableEntity, "iceRestart.unsupported", "Make a new session instead.");
        if (match != session.EntityTag) return ApiProblem.Of(StatusCodes.Status412PreconditionFailed, "ifMatch.other");

        // A lite agent learns addresses from checks, so the candidates themselves are not needed.
        return Results.NoContent();
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

    private static IResult Refuse(HttpContext context, PeerAnswer answer)
    {
        if (answer.Offer == OfferRefusal.NoCommonCodec)
            return ApiProblem.Of(StatusCodes.Status406NotAcceptable, "offer.noCommonCodec", "A recvonly video section with H.264 in packetization-mode 1 is needed.");
        if (answer.Offer != OfferRefusal.None)
            return ApiProblem.Of(StatusCodes.Status400BadRequest, "offer.refused", $"The offer cannot be answered: {answer.Offer}.");
        int seconds = answer.Media == MediaRefusal.Stopping ? StoppingRetrySeconds : FullRetrySeconds;
        context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        string code = answer.Media == MediaRefusal.Stopping ? "node.stopping" : "node.full";
        return ApiProblem.Of(StatusCodes.Status503ServiceUnavailable, code);
    }

    private static IResult WrongType(string expected) =>
        ApiProblem.Of(StatusCodes.Status415UnsupportedMediaType, "mediaType.unsupported", $"The body has to be {expected}.");

    private IResult TooLarge() => ApiProblem.Of(StatusCodes.Status413PayloadTooLarge, "body.tooLarge", $"At most {http.MaxBodyBytes} bytes.");
}
