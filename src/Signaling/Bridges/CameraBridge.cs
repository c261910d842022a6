using System.Collections.Concurrent;
using Comms.Grains.Contracts;
using Comms.Media.Node;
using Comms.Media.Numbers;

namespace Comms.Signaling.Bridges;

/// <summary>
/// This node's part of every camera: who views here and how the feeds here are. Both are reported to the camera's grain,
/// whose answer is what this node should be doing; a lost start or stop is healed by the next report. Media knows each
/// profile of a camera as a feed of its own, by the name that <see cref="FeedName"/> gives it.
/// </summary>
internal sealed class CameraBridge(
    IMediaNode media, IGrainFactory grains, IDirectoryIndex directory, LocalNode node, TimeProvider time, ILogger<CameraBridge> log) : ICameraBridge
{
    private readonly ConcurrentDictionary<SessionId, LocalView> _viewers = [];
    private readonly ConcurrentDictionary<FeedName, LocalFeed> _feeds = [];
    private readonly ConcurrentDictionary<string, CameraStatus> _statuses = new(StringComparer.Ordinal);

    public event Action<CameraStatus>? StatusChanged;

    public async Task<CameraViewReply> ViewAsync(SessionId session, string cameraId, CameraProfile profile, Actor actor)
    {
        LocalView? former = _viewers.GetValueOrDefault(session);
        CameraProfile likely = directory.FindCamera(cameraId) is { HasSub: false } ? CameraProfile.Main : profile;
        var view = new LocalView(
            new FeedName(cameraId, likely), new CameraViewer(ViewerId(session), node.Id, actor, likely, time.GetUtcNow()));

        // Known here before the grain is asked, so that no report in between says that nobody views.
        _viewers[session] = view;
        CameraViewReply reply = await Grain(cameraId).AttachViewer(view.Viewer with { Profile = profile });
        if (reply.Outcome.IsOk)
        {
            view = view.As(reply.Profile);
            _viewers[session] = view;
            if (!await media.ViewAsync(session, view.Feed.ToString()))
            {
                reply = new CameraViewReply(new Outcome(OutcomeCode.NotFound, "The media session has ended."), null);
                await StopViewingAsync(session);
            }
        }
        else
        {
            _viewers.TryRemove(new KeyValuePair<SessionId, LocalView>(session, view));
        }

        // The former one is let go last: a camera that is shown in its other profile never looks unwatched in between.
        if (former is not null && former.Feed != view.Feed)
        {
            await DetachAsync(former);
        }

        return reply;
    }

    public async Task StopViewingAsync(SessionId session)
    {
        if (_viewers.TryRemove(session, out LocalView? view))
        {
            await DetachAsync(view);
        }
    }

    public CameraStatus GetStatus(string cameraId) =>
        _statuses.GetValueOrDefault(cameraId) ?? new CameraStatus(cameraId, CameraFeedState.Idle, "", 0, "", DateTimeOffset.MinValue);

    public IReadOnlyList<CameraStatus> GetBusy() => [.. _statuses.Values];

    /// <summary>The session shows this feed no more: it ended, or shows another.</summary>
    public async Task ViewerDetachedAsync(SessionId session, string feedName)
    {
        if (_viewers.TryGetValue(session, out LocalView? view) && view.Feed == FeedName.Parse(feedName)
            && _viewers.TryRemove(new KeyValuePair<SessionId, LocalView>(session, view)))
        {
            await DetachAsync(view);
        }
    }

    public async Task StartFeedAsync(CameraFeedStart start)
    {
        var feed = new FeedName(start.CameraId, start.Profile);
        _feeds.TryAdd(feed, new LocalFeed(CameraFeedState.Connecting, ""));
        await media.StartFeedAsync(feed.ToString(), new FeedSource { Url = CameraUrl.Compose(start.Source), Site = start.Site });
    }

    public async Task StopFeedAsync(string cameraId, CameraProfile profile)
    {
        var feed = new FeedName(cameraId, profile);
        _feeds.TryRemove(feed, out _);
        await media.StopFeedAsync(feed.ToString());
    }

    /// <summary>Media tells how a feed is: remembered and reported.</summary>
    public async Task FeedChangedAsync(FeedChanged changed)
    {
        log.FeedChanged(changed.CameraId, changed.State.ToString(), changed.Reason);
        FeedName feed = FeedName.Parse(changed.CameraId);
        if (changed.State == FeedState.Stopped)
        {
            _feeds.TryRemove(feed, out _);
        }
        else
        {
            _feeds[feed] = new LocalFeed(
                changed.State switch
                {
                    FeedState.Live => CameraFeedState.Live,
                    FeedState.Reconnecting => CameraFeedState.Reconnecting,
                    _ => CameraFeedState.Connecting,
                },
                changed.Reason);
        }

        await ReportAsync(feed);
    }

    public void StatusReported(CameraStatus status)
    {
        if (status.State == CameraFeedState.Idle && status.Viewers == 0)
        {
            _statuses.TryRemove(status.CameraId, out _);
        }
        else
        {
            _statuses[status.CameraId] = status;
        }

        StatusChanged?.Invoke(status);
    }

    /// <summary>Reports every feed that is viewed or runs here.</summary>
    public async Task ReportAllAsync()
    {
        ILookup<FeedName, CameraViewer> viewers = Viewers();
        foreach (FeedName feed in viewers.Select(group => group.Key).Union(_feeds.Keys).ToArray())
        {
            await ReportAsync(feed, viewers);
        }
    }

    private Task ReportAsync(FeedName feed) => ReportAsync(feed, Viewers());

    private async Task ReportAsync(FeedName feed, ILookup<FeedName, CameraViewer> viewers)
    {
        LocalFeed? known = _feeds.GetValueOrDefault(feed);
        try
        {
            CameraOrder order = await Grain(feed.CameraId).Report(new CameraReport(
                node.Id, feed.Profile, known?.State ?? CameraFeedState.Idle, known?.Reason ?? "", [.. viewers[feed]]));
            if (order.Start is { } start)
            {
                await StartFeedAsync(start);
            }
            else if (!order.ShouldRun && known is not null)
            {
                await StopFeedAsync(feed.CameraId, feed.Profile);
            }
        }
        catch (Exception fault) when (GrainFault.IsTransient(fault))
        {
            log.GrainFailed($"camera {feed.CameraId}", fault.Message);
        }
    }

    private async Task DetachAsync(LocalView view)
    {
        try
        {
            await Grain(view.Feed.CameraId).DetachViewer(view.Viewer.ViewerId, view.Feed.Profile);
        }
        catch (Exception fault) when (GrainFault.IsTransient(fault))
        {
            // The next report does not name this viewer any more.
            log.GrainFailed($"camera {view.Feed.CameraId}", fault.Message);
        }
    }

    private ILookup<FeedName, CameraViewer> Viewers() => _viewers.Values.ToLookup(view => view.Feed, view => view.Viewer);

    private ICameraGrain Grain(string cameraId) => grains.GetGrain<ICameraGrain>(cameraId);

    private string ViewerId(SessionId session) => $"{node.Id}/{session}";

    private sealed record LocalView(FeedName Feed, CameraViewer Viewer)
    {
        public LocalView As(CameraProfile profile) =>
            Feed.Profile == profile ? this : new LocalView(Feed with { Profile = profile }, Viewer with { Profile = profile });
    }

    private sealed record LocalFeed(CameraFeedState State, string Reason);
}
