using System.Collections.Concurrent;
using Comms.Media.Io;
using Comms.Media.Node;
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

    public FeedNode(bool usesDirectRtsp = true)
    {
        var mesh = new LoopMesh(_loops, 1024);
        Hub = new FeedHub(_loops, mesh.CarrierOf, new FeedOptions { UsesDirectRtsp = usesDirectRtsp }, _events.Add, NullLogger.Instance);
        foreach (var loop in _loops)
        {
            loop.Start();
        }
    }

    public FeedHub Hub { get; }

    public ValueTask<bool> StartAsync(string camera, string url) => Hub.StartAsync(camera, new FeedSource { Url = url });

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
    public static async Task UntilAsync(Func<Task<bool>> condition, Func<Task<string>> describe)
    {
        var deadline = DateTime.UtcNow + Patience;
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

    public static Task UntilAsync(Func<bool> condition, Func<Task<string>> describe) => UntilAsync(() => Task.FromResult(condition()), describe);

    public static Task UntilAsync(Func<bool> condition, string what) => UntilAsync(() => Task.FromResult(condition()), what);

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
