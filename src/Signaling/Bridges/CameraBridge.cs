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
    IMediaNode media, IGrainFactory grains, IDirectoryIndex directory, LocalNode node, NodeBudget budget, CameraOptions options,
    TimeProvider time, ILogger<CameraBridge> log) : ICameraBridge
{
    private readonly ConcurrentDictionary<SessionId, LocalView> _viewers = [];
    private readonly ConcurrentDictionary<FeedName, LocalFeed> _feeds = [];
    private readonly ConcurrentDictionary<FeedName, CameraFacts> _facts = [];
    private readonly ConcurrentDictionary<string, CameraStatus> _statuses = new(StringComparer.Ordinal);

    private HashSet<string> _kept = [];

    public event Action<CameraStatus>? StatusChanged;

    public async Task<CameraViewReply> ViewAsync(SessionId session, string cameraId, CameraProfile profile, Actor actor)
    {
        CameraRecord? camera = directory.FindCameraRecord(cameraId);
        CameraProfile likely = camera is { Definition.HasSub: false } ? CameraProfile.Main : profile;
        var feed = new FeedName(cameraId, likely);
        if (camera is not null && await RefuseAsync(feed, camera) is { } refusal)
        {
            return new CameraViewReply(refusal, null);
        }

        LocalView? former = _viewers.GetValueOrDefault(session);
        var view = new LocalView(feed, new CameraViewer(ViewerId(session), node.Id, actor, likely, time.GetUtcNow()));

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
        _statuses.GetValueOrDefault(cameraId) ?? new CameraStatus(
            cameraId, CameraFeedState.Idle, "", 0, "", DateTimeOffset.MinValue,
            directory.FindCameraRecord(cameraId)?.Health ?? CameraHealth.Unknown, directory.FindCameraRecord(cameraId)?.Facts);

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

    /// <summary>What a feed's source sends: told to the grain with the next report.</summary>
    public async Task FeedDescribedAsync(FeedDescribed described)
    {
        FeedName feed = FeedName.Parse(described.CameraId);
        _facts[feed] = CameraConditions.FactsOf(described.Description);
        await ReportAsync(feed);
    }

    /// <summary>
    /// Takes in exactly these cameras whether or not they are watched; those no longer among them go on only while they are.
    /// Null, or why not all of them could be started.
    /// </summary>
    public async Task<Outcome?> KeepAsync(HashSet<string> cameraIds)
    {
        HashSet<string> former = Interlocked.Exchange(ref _kept, cameraIds);
        Outcome? refusal = null;
        foreach (string cameraId in cameraIds)
        {
            var feed = new FeedName(cameraId, CameraProfile.Main);
            if (_feeds.ContainsKey(feed)) continue;
            refusal = directory.FindCameraRecord(cameraId) is { } camera ? await RefuseAsync(feed, camera) : null;
            if (refusal is not null) break;
            await ReportAsync(feed);
        }

        foreach (string cameraId in former.Except(cameraIds)) await ReportAsync(new FeedName(cameraId, CameraProfile.Main));
        return refusal;
    }

    public async Task StartFeedAsync(CameraFeedStart start)
    {
        var feed = new FeedName(start.CameraId, start.Profile);
        _feeds.TryAdd(feed, new LocalFeed(CameraFeedState.Connecting, "", time.GetUtcNow()));
        await media.StartFeedAsync(feed.ToString(), new FeedSource { Url = CameraUrl.Compose(start.Source), Site = start.Site });
    }

    public async Task StopFeedAsync(string cameraId, CameraProfile profile)
    {
        var feed = new FeedName(cameraId, profile);
        _feeds.TryRemove(feed, out _);
        _facts.TryRemove(feed, out _);
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
            SetFeed(feed, changed.State, changed.Reason);
        }

        await ReportAsync(feed);
    }

    /// <summary>True while the camera's main profile is taken in here.</summary>
    public bool RunsFeed(string cameraId) => _feeds.ContainsKey(new FeedName(cameraId, CameraProfile.Main));

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

    /// <summary>Reports every feed that is viewed, kept or runs here.</summary>
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
                node.Id, feed.Profile, known?.State ?? CameraFeedState.Idle, known?.Reason ?? "", [.. viewers[feed]],
                known is null ? null : EvidenceOf(feed, known), IsKept(feed)));
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

    private CameraEvidence? EvidenceOf(FeedName feed, LocalFeed known)
    {
        CameraFacts? facts = feed.Profile == CameraProfile.Main ? _facts.GetValueOrDefault(feed) : null;
        CameraEvidence? evidence = CameraConditions.Of(feed, known.State, known.Reason, known.Since, time.GetUtcNow());
        return evidence is { IsPicture: true } ? CameraConditions.Judge(evidence, facts, options.LongKeyFrameSeconds) : evidence;
    }

    private bool IsKept(FeedName feed) => feed.Profile == CameraProfile.Main && Volatile.Read(ref _kept).Contains(feed.CameraId);

    // A feed that runs here already costs nothing more.
    private async ValueTask<Outcome?> RefuseAsync(FeedName feed, CameraRecord camera)
    {
        if (_feeds.ContainsKey(feed)) return null;
        if (new NodeReach(node.Id, options.SiteList).Reaches(camera.Definition.Site)) return await budget.TakeAsync(camera.Facts is { IsConverted: true });
        IReadOnlyList<NodeReach> nodes = await grains.GetGrain<INodeDirectoryGrain>(NodeDirectory.Key).GetReach();
        string able = string.Join(", ", nodes.Where(other => other.Reaches(camera.Definition.Site)).Select(other => other.NodeId));
        return new Outcome(
            OutcomeCode.Conflict, able.Length == 0 ? "No node reaches the camera's site now." : $"This node does not reach the camera's site; {able} does.");
    }

    // The moment of a lost picture stays through all attempts to get it back.
    private void SetFeed(FeedName feed, FeedState state, string reason)
    {
        CameraFeedState next = state switch
        {
            FeedState.Live => CameraFeedState.Live,
            FeedState.Reconnecting => CameraFeedState.Reconnecting,
            _ => CameraFeedState.Connecting,
        };
        LocalFeed? known = _feeds.GetValueOrDefault(feed);
        bool goesOn = known is not null && (known.State == CameraFeedState.Live) == (next == CameraFeedState.Live);
        _feeds[feed] = new LocalFeed(next, reason, goesOn ? known!.Since : time.GetUtcNow());
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

    private sealed record LocalFeed(CameraFeedState State, string Reason, DateTimeOffset Since);
}
