using System.Diagnostics;
using Comms.Phones.Viewers;

namespace Comms.Bench.Load;

/// <summary>
/// ./bench viewers: one camera and many WebRTC viewers of it, each let in by WHEP with keys of its own. Counts every packet of every
/// viewer; what the server spent on them is its own processor time, everything included.
/// </summary>
internal static class ViewersBench
{
    private const string Camera = "bench1";
    private const double CountTolerance = 0.01;
    private static readonly TimeSpan JoinLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(5);

    public static async Task<int> RunAsync(string[] arguments)
    {
        int viewers = Argument.Number(arguments, "--viewers", 1000);
        int kbps = Argument.Number(arguments, "--kbps", 600);
        int seconds = Argument.Number(arguments, "--seconds", 30);
        using var source = await SimulatedCameras.StartAsync(1, clips: 1, kbps, fps: 25);
        await using var server = await LoadServer.StartAsync(arguments);
        await server.PutCameraAsync(Camera, source.Url("cam", 1));
        using var fleet = new ViewerFleet(viewers);
        await fleet.JoinAsync(server.Admin, _ => Camera);
        await WaitForAllAsync(fleet, viewers);
        await PauseAsync(Settle);

        var (before, metricsBefore) = await ReadAsync(fleet, server, isFirst: true);
        double ownBefore = Environment.CpuUsage.TotalTime.TotalSeconds;
        var watch = Stopwatch.StartNew();
        await PauseAsync(TimeSpan.FromSeconds(seconds));
        double elapsed = watch.Elapsed.TotalSeconds;
        double own = (Environment.CpuUsage.TotalTime.TotalSeconds - ownBefore) / elapsed;
        var (count, metrics) = await ReadAsync(fleet, server, isFirst: false);

        double sent = metrics.SrtpSent - metricsBefore.SrtpSent;
        double cores = (metrics.Process.CpuSeconds - metricsBefore.Process.CpuSeconds) / elapsed;
        double loopUs = (metrics.LoopCpuSeconds - metricsBefore.LoopCpuSeconds) * 1e6 / sent;
        long drops = count.KernelDrops - before.KernelDrops;
        Console.WriteLine($"{count.Received:N0} packets received, {sent:N0} sent, {count.Received / elapsed:N0} a second; "
            + $"generator {own:F2} cores, its sockets dropped {drops}");
        Figures.PrintJson(new
        {
            viewers,
            kbps,
            seconds = Figures.Round(elapsed),
            packets_received = count.Received,
            packets_lost = count.Lost,
            packets_wrong = count.Wrong,
            server_cpu_cores = Figures.Round(cores),
            viewers_per_core = (int)(viewers / cores),
            loop_cpu_us_per_packet = Figures.Round(loopUs),
            generator_cpu_cores = Figures.Round(own),
            server_rss_mb = Figures.Round(metrics.Process.RssMb),
        });
        if (drops > 0) throw new LoadFault($"The generator's own sockets dropped {drops} datagrams.");
        if (count.Seeing < viewers) throw new LoadFault($"Only {count.Seeing} of {viewers} viewers saw anything.");
        if (Math.Abs(sent - count.Received) > sent * CountTolerance) throw new LoadFault($"The server sent {sent:N0} packets and {count.Received:N0} arrived.");
        return count.Lost == 0 && count.Wrong == 0 ? 0 : 1;
    }

    // The two are read one behind the other; what flows meanwhile is the tolerance.
    private static async Task<(ViewerCount Count, ServerMetrics Metrics)> ReadAsync(ViewerFleet fleet, LoadServer server, bool isFirst)
    {
        if (!isFirst) return (await fleet.CountAsync(), await server.ReadMetricsAsync());
        var metrics = await server.ReadMetricsAsync();
        await fleet.ClearAsync();
        return (await fleet.CountAsync(), metrics);
    }

    private static async Task WaitForAllAsync(ViewerFleet fleet, int viewers)
    {
        var watch = Stopwatch.StartNew();
        ViewerCount count;
        while ((count = await fleet.CountAsync()).Seeing < viewers)
        {
            if (watch.Elapsed > JoinLimit) throw new LoadFault($"{count.Connected} of {viewers} viewers connected, {count.Seeing} see anything after {JoinLimit.TotalSeconds} s.");
            await PauseAsync(TimeSpan.FromMilliseconds(100));
        }
    }

    private static async Task PauseAsync(TimeSpan time)
    {
        using var timer = new PeriodicTimer(time);
        await timer.WaitForNextTickAsync();
    }
}
