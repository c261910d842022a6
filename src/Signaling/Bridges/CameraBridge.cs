using System.Collections.Concurrent;
using Comms.Grains.Contracts;
using Comms.Media.Node;
using Comms.Media.Numbers;

namespace Comms.Signaling.Bridges;

/// <summary>
/// This node's part of every camera: who views here and how the feed here is. Both are reported to the camera's grain,
/// whose answer is what this node should be doing; a lost start or stop is healed by the next report.
/// </summary>
internal sealed class CameraBridge(
    IMediaNode media, IGrainFactory grains, LocalNode node, ILogger<CameraBridge> log) : ICameraBridge
{
    private readonly ConcurrentDictionary<SessionId, string> _viewers = [];
    private readonly ConcurrentDictionary<string, LocalFeed> _feeds = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, CameraStatus> _statuses = new(StringComparer.Ordinal);

    public event Action<CameraStatus>? StatusChanged;

    public async Task<CameraViewReply> ViewAsync(SessionId session, string cameraId, Actor actor)
    {
        if (_viewers.TryGetValue(session, out string? former) && former != cameraId)
        {
            await StopViewingAsync(session);
        }

        _viewers[session] = cameraId;
        CameraViewReply reply = await Grain(cameraId).AttachViewer(new CameraViewer(ViewerId(session), node.Id, actor));
        if (reply.Outcome.IsOk && !await media.ViewAsync(session, cameraId))
        {
            reply = new CameraViewReply(new Outcome(OutcomeCode.NotFound, "The media session has ended."), null);
            await StopViewingAsync(session);
        }
        else if (!reply.Outcome.IsOk)
        {
            _viewers.TryRemove(new KeyValuePair<SessionId, string>(session, cameraId));
        }

        return reply;
    }

    public async Task StopViewingAsync(SessionId session)
    {
        if (_viewers.TryRemove(session, out string? cameraId))
        {
            await DetachAsync(session, cameraId);
        }
    }

    public CameraStatus GetStatus(string cameraId) =>
        _statuses.GetValueOrDefault(cameraId) ?? new CameraStatus(cameraId, CameraFeedState.Idle, "", 0, "", DateTimeOffset.MinValue);

    public IReadOnlyList<CameraStatus> GetBusy() => [.. _statuses.Values];

    /// <summary>The session shows this camera no more: it ended, or shows another.</summary>
    public async Task ViewerDetachedAsync(SessionId session, string cameraId)
    {
        if (_viewers.TryRemove(new KeyValuePair<SessionId, string>(session, cameraId)))
        {
            await DetachAsync(session, cameraId);
        }
    }

    public async Task StartFeedAsync(string cameraId, CameraSource source)
    {
        _feeds.TryAdd(cameraId, new LocalFeed(CameraFeedState.Connecting, ""));
        await media.StartFeedAsync(cameraId, new FeedSource { Url = CameraUrl.Compose(source) });
    }

    public async Task StopFeedAsync(string cameraId)
    {
        _feeds.TryRemove(cameraId, out _);
        await media.StopFeedAsync(cameraId);
    }

    /// <summary>Media tells how a feed is: remembered and reported.</summary>
    public async Task FeedChangedAsync(FeedChanged feed)
    {
        log.FeedChanged(feed.CameraId, feed.State.ToString(), feed.Reason);
        if (feed.State == FeedState.Stopped)
        {
            _feeds.TryRemove(feed.CameraId, out _);
        }
        else
        {
            _feeds[feed.CameraId] = new LocalFeed(
                feed.State switch
                {
                    FeedState.Live => CameraFeedState.Live,
                    FeedState.Reconnecting => CameraFeedState.Reconnecting,
                    _ => CameraFeedState.Connecting,
                },
                feed.Reason);
        }

        await ReportAsync(feed.CameraId);
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

    /// <summary>Reports every camera that is viewed or fed here.</summary>
    public async Task ReportAllAsync()
    {
        foreach (string cameraId in _viewers.Values.Concat(_feeds.Keys).Distinct().ToArray())
        {
            await ReportAsync(cameraId);
        }
    }

    private async Task ReportAsync(string cameraId)
    {
        LocalFeed? feed = _feeds.GetValueOrDefault(cameraId);
        string[] viewers = [.. _viewers.Where(pair => pair.Value == cameraId).Select(pair => ViewerId(pair.Key))];
        try
        {
            CameraOrder order = await Grain(cameraId).Report(
                new CameraReport(node.Id, feed?.State ?? CameraFeedState.Idle, feed?.Reason ?? "", viewers));
            if (order.Source is { } source)
            {
                await StartFeedAsync(cameraId, source);
            }
            else if (!order.ShouldRun && feed is not null)
            {
                await StopFeedAsync(cameraId);
            }
        }
        catch (Exception fault) when (GrainFault.IsTransient(fault))
        {
            log.GrainFailed($"camera {cameraId}", fault.Message);
        }
    }

    private async Task DetachAsync(SessionId session, string cameraId)
    {
        try
        {
            await Grain(cameraId).DetachViewer(ViewerId(session));
        }
        catch (Exception fault) when (GrainFault.IsTransient(fault))
        {
            // The next report does not name this viewer any more.
            log.GrainFailed($"camera {cameraId}", fault.Message);
        }
    }

    private ICameraGrain Grain(string cameraId) => grains.GetGrain<ICameraGrain>(cameraId);

    private string ViewerId(SessionId session) => $"{node.Id}/{session}";

    private sealed record LocalFeed(CameraFeedState State, string Reason);
}
