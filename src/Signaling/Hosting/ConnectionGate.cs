using Comms.Signaling.Api;
using Comms.Signaling.Realtime;

namespace Comms.Signaling.Hosting;

/// <summary>Refuses new hub connections and viewing sessions while the server has no descriptors left for them: 503 with a reason.</summary>
public static class ConnectionGate
{
    /// <summary>Many phones are refused at once: they come back spread over this time at least.</summary>
    private const string RetryAfterSeconds = "10";

    private const string Viewing = "/whep";

    public static void Use(WebApplication app)
    {
        OpenConnections connections = app.Services.GetRequiredService<OpenConnections>();
        app.Use((context, next) => connections.IsFull && IsNew(context.Request) ? RefuseAsync(context, connections) : next(context));
    }

    private static bool IsNew(HttpRequest request) =>
        request.Path.StartsWithSegments(HubPath.Value) || (HttpMethods.IsPost(request.Method) && request.Path.StartsWithSegments(Viewing));

    private static Task RefuseAsync(HttpContext context, OpenConnections connections)
    {
        context.Response.Headers.RetryAfter = RetryAfterSeconds;
        context.Response.Headers.Connection = HttpProtocol.IsHttp11(context.Request.Protocol) ? "close" : default;
        return ApiProblem.Of(
            StatusCodes.Status503ServiceUnavailable, "server.full", $"This server serves {connections.Limit} connections (RLIMIT_NOFILE).").ExecuteAsync(context);
    }
}
