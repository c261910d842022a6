using System.Diagnostics;
using Comms.Media.Io;
using Comms.Media.Relay;
using Microsoft.Extensions.Logging.Abstractions;

namespace Comms.Bench;

/// <summary>A media node's loops and feeds in this process, without the rest of the server.</summary>
internal sealed class FeedRig : IDisposable
{
    public FeedRig(FeedOptions options)
    {
        Loops = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(index => new EventLoop(index, NullLogger.Instance))];
        var mesh = new LoopMesh(Loops, 4096);
        Hub = new FeedHub(Loops, mesh.CarrierOf, options, States.Take, NullLogger.Instance);
        foreach (var loop in Loops) loop.Start();
    }

    public EventLoop[] Loops { get; }

    public FeedHub Hub { get; }

    public FeedStates States { get; } = new();

    /// <summary>False: fewer were live when the time was up.</summary>
    public async Task<bool> WaitForLiveAsync(int count, TimeSpan limit)
    {
        var waited = Stopwatch.StartNew();
        while (States.Live < count && waited.Elapsed < limit) await PauseAsync(0.1);
        return States.Live >= count;
    }

    public static async Task PauseAsync(double seconds)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(seconds));
        await timer.WaitForNextTickAsync();
    }

    public void Dispose()
    {
        Hub.Dispose();
        foreach (var loop in Loops) loop.Dispose();
    }
}
