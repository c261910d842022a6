using System.Collections.Concurrent;
using Comms.Media.Io;
using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Media.Relay;
using Microsoft.Extensions.Logging.Abstractions;

namespace Comms.Interop.Tests.Cameras;

/// <summary>Two running media loops with their feeds, and everything that they report.</summary>
public sealed class FeedNode : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly EventLoop[] _loops = [new(0, NullLogger.Instance), new(1, NullLogger.Instance)];
    private readonly BlockingCollection<MediaEvent> _events = [];
    private readonly List<string> _seen = [];
    private readonly ConcurrentDictionary<string, bool> _live = [];
    private int _changes;

    public FeedNode(bool usesDirectRtsp = true)
        : this(new FeedOptions { UsesDirectRtsp = usesDirectRtsp })
    {
    }

    public FeedNode(FeedOptions options)
    {
        var mesh = new LoopMesh(_loops, 1024);
        Hub = new FeedHub(_loops, mesh.CarrierOf, options, Take, NullLogger.Instance);
        foreach (var loop in _loops)
        {
            loop.Start();
        }
    }

    public FeedHub Hub { get; }

    /// <summary>Every change of a feed's state so far; each is also one line of the log.</summary>
    public int Changes => Volatile.Read(ref _changes);

    /// <summary>Cameras that are live now.</summary>
    public int Live => _live.Count;

    public long DropsOf(DropReason reason) => Hub.Drops.Sum(drops => drops[reason]);

    public ValueTask<bool> StartAsync(string camera, string url) => Hub.StartAsync(camera, new FeedSource { Url = url });

    public ValueTask<bool> StartAsync(string camera, string url, string site) => Hub.StartAsync(camera, new FeedSource { Url = url, Site = site });

    /// <summary>Attaches a viewer on one of the loops.</summary>
    public DumpingViewer View(string camera, int loop, bool showsH265 = false)
    {
        var viewer = new DumpingViewer(loop, showsH265);
        _loops[loop].Post(now => Hub.View(viewer, camera, now));
        return viewer;
    }

    public void Detach(DumpingViewer viewer) => _loops[viewer.Loop].Post(now => viewer.Feed?.OnViewerGone(viewer, now));

    /// <summary>Waits for a state of that camera, passing over others, and returns its reason.</summary>
    public string WaitFor(string camera, FeedState state) =>
        WaitFor<FeedChanged>(changed => changed.CameraId == camera && changed.State == state, $"{camera} to become {state}").Reason;

    /// <summary>Waits for what came of asking that camera for a sign of life.</summary>
    public string WaitForProbe(string camera) => WaitFor<CameraProbed>(probed => probed.CameraId == camera, $"an answer of {camera}").Reason;

    private T WaitFor<T>(Func<T, bool> isWanted, string what)
        where T : MediaEvent
    {
        var deadline = DateTime.UtcNow + Patience;
        while (DateTime.UtcNow < deadline)
        {
            if (!_events.TryTake(out var next, TimeSpan.FromMilliseconds(200)))
            {
                continue;
            }

            _seen.Add(next.ToString());
            if (next is T found && isWanted(found))
            {
                return found;
            }
        }

        throw new TimeoutException($"Waited for {what}; seen: {string.Join("; ", _seen)}");
    }

    /// <summary>The relay's process id, waiting until there is one.</summary>
    public async Task<int> ProcessOfAsync(string camera)
    {
        int? id = null;
        await UntilAsync(async () => (id = (await Hub.SnapshotAsync()).FirstOrDefault(feed => feed.Camera == camera && feed.RelayProcessId is not null)?.RelayProcessId) is not null, "a process");
        return id!.Value;
    }

    public static Task UntilAsync(Func<Task<bool>> condition, string what) => UntilAsync(condition, () => Task.FromResult(what));

    /// <param name="describe">Says at the end of a vain wait what was waited for and how things stand.</param>
    public static async Task UntilAsync(Func<Task<bool>> condition, Func<Task<string>> describe, TimeSpan? patience = null)
    {
        var deadline = DateTime.UtcNow + (patience ?? Patience);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await condition())
        {
            if (DateTime.UtcNow > deadline)
            {
                throw new TimeoutException($"waited in vain for {await describe()}");
            }

            await look.WaitForNextTickAsync();
        }
    }

    public static Task UntilAsync(Func<bool> condition, Func<Task<string>> describe, TimeSpan? patience = null) =>
        UntilAsync(() => Task.FromResult(condition()), describe, patience);

    public static Task UntilAsync(Func<bool> condition, string what) => UntilAsync(() => Task.FromResult(condition()), what);

    private void Take(MediaEvent news)
    {
        if (news is FeedChanged change)
        {
            Interlocked.Increment(ref _changes);
            if (change.State == FeedState.Live)
            {
                _live[change.CameraId] = true;
            }
            else
            {
                _live.TryRemove(change.CameraId, out _);
            }
        }

        _events.Add(news);
    }

    public void Dispose()
    {
        Hub.Dispose();
        foreach (var loop in _loops)
        {
            loop.Dispose();
        }

        _events.Dispose();
    }
}
