using Comms.Grains.Contracts;
using Comms.Signaling.Bridges;
using Comms.Signaling.Security;

namespace Comms.Signaling.Api;

/// <summary>Calls out into a channel, by dispatchers who may talk there.</summary>
public static class CallsApi
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/calls", PlaceAsync).Accepts<CallBody>("application/json").Produces<DialedCall>(StatusCodes.Status202Accepted).RequireAuthorization(Roles.Dispatcher);
        api.MapGet("/calls", List).Produces<IReadOnlyList<DialedCall>>().RequireAuthorization(Roles.Dispatcher);
        api.MapGet("/calls/{id}", Get).Produces<DialedCall>().RequireAuthorization(Roles.Dispatcher);
        api.MapDelete("/calls/{id}", HangUp).Produces(StatusCodes.Status204NoContent).RequireAuthorization(Roles.Dispatcher);
    }

    private static async Task<IResult> PlaceAsync(HttpContext context, ApiBody<CallBody> body, SipDialer dialer, ChannelAccess access)
    {
        Caller caller = Caller.Of(context);
        CallBody call = body.Value;
        if (!MaySpeak(access, caller, call.ChannelId)) return ApiProblem.NotFound("channel");
        DialReply reply = await dialer.DialAsync(call.Number, call.ChannelId, caller.ActorVia("http"), context.RequestAborted);
        return reply.Refusal switch
        {
            DialRefusal.None => Results.Accepted($"/api/v1/calls/{reply.Call!.Id}", reply.Call),
            DialRefusal.NoChannel => ApiProblem.NotFound("channel"),
            DialRefusal.NoNumber => ApiProblem.NotFound("number"),
            _ => ApiProblem.Of(StatusCodes.Status409Conflict, "number.notReachable", "No device of it is registered, or its trunk cannot be reached."),
        };
    }

    private static IResult List(HttpContext context, SipDialer dialer, ChannelAccess access)
    {
        Caller caller = Caller.Of(context);
        return Results.Ok(dialer.Calls.Where(call => MaySpeak(access, caller, call.ChannelId)).ToArray());
    }

    private static IResult Get(HttpContext context, string id, SipDialer dialer, ChannelAccess access) =>
        dialer.Find(id) is { } call && MaySpeak(access, Caller.Of(context), call.ChannelId) ? Results.Ok(call) : ApiProblem.NotFound("call");

    private static IResult HangUp(HttpContext context, string id, SipDialer dialer, ChannelAccess access)
    {
        if (dialer.Find(id) is not { } call || !MaySpeak(access, Caller.Of(context), call.ChannelId)) return ApiProblem.NotFound("call");
        dialer.HangUp(id);
        return Results.NoContent();
    }

    private static bool MaySpeak(ChannelAccess access, Caller caller, string channelId) =>
        access.Right(channelId, caller.Account.UnitId) >= ChannelRight.Talk;
}
