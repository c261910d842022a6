using Comms.Media.Node;
using Comms.Signaling.Hosting;
using Comms.Signaling.Realtime;

namespace Comms.Signaling.Debug;

/// <summary>Who hears whom now: as a page, as JSON, and as a Graphviz graph.</summary>
public static class DebugEndpoints
{
    /// <summary>A page of twenty thousand rows helps nobody.</summary>
    private const int MaxConnections = 500;

    public static void Map(IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder debug = routes.MapGroup("/debug").RequireAuthorization(DebugAccess.Policy).ExcludeFromDescription();
        debug.MapGet("", PageAsync);
        debug.MapGet("/sessions.json", async (IMediaNode node, HubSessions hub, ServerInstance instance) =>
            Results.Json(await ReadAsync(node, hub, instance)));
        debug.MapGet("/fanout.dot", async (IMediaNode node) =>
            Results.Text(FanoutGraph.Write(await node.SnapshotAsync()), "text/vnd.graphviz"));
    }

    private static async Task<IResult> PageAsync(IMediaNode node, HubSessions hub, ServerInstance instance) =>
        Results.Text(DebugPage.Write(await ReadAsync(node, hub, instance)), "text/html", System.Text.Encoding.UTF8);

    private static async Task<DebugSnapshot> ReadAsync(IMediaNode node, HubSessions hub, ServerInstance instance)
    {
        MediaNodeSnapshot media = await node.SnapshotAsync();
        HubConnectionView[] connections =
        [
            .. hub.All.Take(MaxConnections).Select(session => new HubConnectionView(session.AccountId, session.UnitId, session.Page, $"{session.Voice?.Session}", session.ExpiresAt)),
        ];
        return new DebugSnapshot(media.SessionCount, media.Sessions, media.Channels, media.Feeds, media.Drops)
        {
            Instance = instance.Id,
            Version = ServerInstance.Version,
            StartedAt = instance.StartedAt,
            HubCount = hub.Count,
            Hub = connections,
        };
    }
}

/// <summary>Everything that the debug page shows: the media node's snapshot, this server and its hub connections.</summary>
public sealed record DebugSnapshot(
    int SessionCount,
    IReadOnlyList<SessionSnapshot> Sessions,
    IReadOnlyList<ChannelSnapshot> Channels,
    IReadOnlyList<FeedSnapshot> Feeds,
    IReadOnlyDictionary<string, long> Drops)
{
    public required string Instance { get; init; }

    public required string Version { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required int HubCount { get; init; }

    /// <summary>Some of the <see cref="HubCount"/> connections there are.</summary>
    public required IReadOnlyList<HubConnectionView> Hub { get; init; }
}

/// <summary>One hub connection; <paramref name="Voice"/> is its media session, "" when it has none.</summary>
public sealed record HubConnectionView(string Account, string Unit, string Page, string Voice, DateTimeOffset ExpiresAt);
