using Comms.Grains.Contracts;
using Comms.Media.Node;
using Comms.Signaling.Store;

namespace Comms.Signaling.Debug;

/// <summary>GET /healthz: 200 when the store takes changes, the directory is filled and every media loop turns; else 503 and why.</summary>
public static class Health
{
    /// <summary>A media loop that does not turn once in this time serves nobody.</summary>
    private static readonly TimeSpan LoopLimit = TimeSpan.FromSeconds(2);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/healthz", AnswerAsync).ExcludeFromDescription().AllowAnonymous();

    private static async Task<IResult> AnswerAsync(StoreHealth store, IDirectoryIndex directory, IMediaNode node, TimeProvider time)
    {
        var report = new HealthReport(
            store.IsHealthy ? "ok" : store.Fault,
            directory.Ready.IsCompletedSuccessfully ? "ok" : "the directory is not filled yet",
            await LoopsAsync(node, time));
        return Results.Json(report, statusCode: report.IsOk ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<string> LoopsAsync(IMediaNode node, TimeProvider time)
    {
        try
        {
            await node.PingAsync().AsTask().WaitAsync(LoopLimit, time);
            return "ok";
        }
        catch (TimeoutException)
        {
            return $"a media loop did not answer within {LoopLimit.TotalSeconds} s";
        }
    }
}

/// <summary>"ok" or a sentence for each part.</summary>
public sealed record HealthReport(string Store, string Directory, string Media)
{
    public bool IsOk => Store == "ok" && Directory == "ok" && Media == "ok";
}
