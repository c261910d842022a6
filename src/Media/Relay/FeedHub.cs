using Comms.Media.Fanout;
using Comms.Media.Io;
using Comms.Media.Node;
using Comms.Media.Numbers;
using Microsoft.Extensions.Logging;

namespace Comms.Media.Relay;

/// <summary>
/// All camera feeds of a node. A camera lives on one loop, chosen by its id; viewers of other loops get it by one carried
/// copy per loop. May be called from any thread except where a member says otherwise.
/// </summary>
public sealed class FeedHub : IDisposable
{
    private readonly FeedLoop[] _loops;
    private readonly Func<EventLoop, IFrameCarrier> _carrierOf;
    private readonly Action<MediaEvent> _publish;
    private readonly FfmpegProcessLauncher _launcher;
    private readonly ILogger _logger;
    private readonly int _loopCount;

    /// <summary>Opens the ingest ports; to be made before the loops start.</summary>
    /// <param name="publish">Takes events from any loop; must not block.</param>
    public FeedHub(
        IReadOnlyList<EventLoop> loops, Func<EventLoop, IFrameCarrier> carrierOf, FeedOptions options, Action<MediaEvent> publish, ILogger logger)
    {
        _carrierOf = carrierOf;
        _publish = publish;
        _logger = logger;
        _launcher = new FfmpegProcessLauncher(options.FfmpegPath, options.Limits);
        _loopCount = loops.Count;
        _loops = [.. loops.Select(loop => new FeedLoop(this, loop, _launcher, options))];
        foreach (var loop in _loops)
        {
            loop.Attach();
        }
    }

    /// <summary>Dropped video packets, one set per loop.</summary>
    public IEnumerable<DropCounters> Drops => _loops.Select(loop => loop.Drops);

    /// <summary>Attempts to take in a camera since the start, first ones and repeated ones.</summary>
    public long Attempts => _loops.Sum(loop => loop.Attempts);

    /// <summary>Starts taking in a camera, or exchanges its source. False: the URL is refused, or the node is stopping.</summary>
    public async ValueTask<bool> StartAsync(string cameraId, FeedSource source)
    {
        if (source.IsPublished)
        {
            var place = HomeOf(cameraId);
            return await place.Loop.CallAsync(
                now =>
                {
                    place.StartPublished(cameraId, now);
                    return true;
                },
                refused: false);
        }

        if (!FeedUrl.TryParse(source.Url, out var url, out var reason))
        {
            PublishState(cameraId, new RelayState(FeedState.Stopped, reason));
            return false;
        }

        var home = HomeOf(cameraId);
        return await home.Loop.CallAsync(
            now =>
            {
                home.Start(cameraId, url, source.Site.Length > 0 ? source.Site : SiteTable.SiteOf(url), now);
                return true;
            },
            refused: false);
    }

    /// <summary>Stops taking in a camera; viewers stay attached. False: it is not known.</summary>
    public async ValueTask<bool> StopAsync(string cameraId)
    {
        var home = HomeOf(cameraId);
        return await home.Loop.CallAsync(now => home.Stop(cameraId, now), refused: false);
    }

    /// <summary>
    /// On the viewer's loop: shows a camera instead of what the viewer showed before, which goes on until the new one has a key frame.
    /// </summary>
    public void View(IVideoViewer viewer, string cameraId, Instant now)
    {
        var here = _loops[viewer.Loop];
        var key = new FeedKey(cameraId, IsConverted: false);
        if (viewer.Feed is { } shown && (here.Shows(key, shown) || here.Shows(key.Converted, shown)))
        {
            viewer.NextFeed?.OnViewerGone(viewer, now);
            return;
        }

        if (viewer.NextFeed is { } next && (here.Shows(key, next) || here.Shows(key.Converted, next)))
        {
            return;
        }

        viewer.NextFeed?.OnViewerGone(viewer, now);
        here.PartOf(key, HomeOf(cameraId)).Fanout.AddViewer(viewer, now);
    }

    /// <summary>The newest cached key frame of a camera; null when there is none.</summary>
    public Task<KeyFrame?> CopyKeyFrameAsync(string cameraId)
    {
        var home = HomeOf(cameraId);
        return home.Loop.CallAsync(now => home.CopyKeyFrame(cameraId, now), refused: null);
    }

    /// <summary>
    /// Asks a camera for a sign of life; <see cref="CameraProbed"/> tells what came of it. False: its source cannot be asked, or
    /// the node is stopping.
    /// </summary>
    public bool Probe(string cameraId, FeedSource source)
    {
        if (!FeedUrl.TryParse(source.Url, out var url, out _) || !ProbeTarget.TryParse(url, out var target))
        {
            return false;
        }

        var loop = HomeOf(cameraId).Loop;
        return loop.Post(now => FeedProbe.Start(loop, target, reason => _publish(new CameraProbed(cameraId, reason)), now));
    }

    /// <summary>What is taken in on all loops. Takes one turn of each.</summary>
    public async ValueTask<FeedLoad> ReadLoadAsync()
    {
        var sum = default(FeedLoad);
        foreach (var loop in _loops)
        {
            sum += await loop.Loop.CallAsync(_ => loop.Load, default);
        }

        return sum;
    }

    /// <summary>Every camera and every carried part of one. Takes one turn of every loop.</summary>
    public async Task<IReadOnlyList<FeedSnapshot>> SnapshotAsync()
    {
        var all = new List<FeedSnapshot>();
        foreach (var loop in _loops)
        {
            all.AddRange(await loop.Loop.CallAsync(_ => loop.Snapshot(), []));
        }

        return all;
    }

    /// <summary>Kills every relay. Before the loops end, so that nothing is left to start another.</summary>
    public void Dispose()
    {
        Task.WaitAll([.. _loops.Select(loop => loop.Loop.CallAsync(
            now =>
            {
                loop.StopAll(now);
                loop.Dispose();
                return true;
            },
            refused: false))]);
        _launcher.Dispose();
    }

    internal FeedLoop HomeOf(string cameraId) => _loops[(int)(StableHash(cameraId) % (uint)_loops.Length)];

    internal IFrameCarrier CarrierOf(EventLoop loop) => _carrierOf(loop);

    internal int LoopCount() => _loopCount;

    /// <summary>A site answers again: its cameras on the other loops need not wait either.</summary>
    internal void TellSiteBack(FeedLoop from, string site)
    {
        foreach (var loop in _loops)
        {
            if (loop != from)
            {
                loop.Loop.Post(now => loop.Sites.HandleBack(site, now));
            }
        }
    }

    internal void Publish(MediaEvent news) => _publish(news);

    internal void PublishDetached(SessionId session, string cameraId) => _publish(new ViewerDetached(session, cameraId));

    internal void PublishState(string cameraId, RelayState state)
    {
        FeedLog.StateChanged(_logger, cameraId, state.State, state.Reason);
        _publish(new FeedChanged(cameraId, state.State, state.Reason));
    }

    /// <summary>FNV-1a: the same camera has the same loop after a restart.</summary>
    private static uint StableHash(string text)
    {
        var hash = 2_166_136_261u;
        foreach (var letter in text)
        {
            hash = (hash ^ letter) * 16_777_619;
        }

        return hash;
    }
}
