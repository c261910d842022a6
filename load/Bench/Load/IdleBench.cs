using System.Diagnostics;
using Comms.Phones;

namespace Comms.Bench.Load;

/// <summary>
/// ./bench idle: phones that only stand in a channel, with the checks, reports and pings of a page: what they cost and what they
/// receive. --browser puts a real page beside them, so that a capture can compare the two.
/// </summary>
internal static class IdleBench
{
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(15);

    public static async Task<int> RunAsync(string[] arguments)
    {
        int phones = Argument.Number(arguments, "--phones", 20_000);
        int seconds = Argument.Number(arguments, "--seconds", 60);
        await using var server = await LoadServer.StartAsync(arguments);
        bool hasBrowser = Argument.Has(arguments, "--browser");
        var accounts = await server.RehearseAsync("idle", phones + (hasBrowser ? 1 : 0), 1, 60 + seconds / 60);
        using var crowd = new Crowd(server, new PhoneFleet(server.FleetOptions(arguments), [.. accounts.Take(phones)]));
        await using var browser = hasBrowser ? await BrowserEar.LaunchAsync(server, accounts[^1]) : null;
        await crowd.EnterAsync();
        if (browser is not null) await browser.StandInAsync(crowd.Fleet.Channels[0]);
        using var settled = new PeriodicTimer(Settle);
        await settled.WaitForNextTickAsync();

        ProcessFigures before = crowd.Process();
        ServerMetrics metricsBefore = await server.ReadMetricsAsync();
        long controlBefore = crowd.Fleet.ControlBytes;
        double ownBefore = Environment.CpuUsage.TotalTime.TotalSeconds;
        var watch = Stopwatch.StartNew();
        using var window = new PeriodicTimer(TimeSpan.FromSeconds(seconds));
        await window.WaitForNextTickAsync();
        double elapsed = watch.Elapsed.TotalSeconds;
        ProcessFigures after = crowd.Process();
        ServerMetrics metricsAfter = await server.ReadMetricsAsync();

        crowd.CheckAll();
        FleetCount count = await crowd.Fleet.CountAsync();
        if (count.ChecksUnanswered > 0) throw new LoadFault($"{count.ChecksUnanswered} phones get no answer to their checks.");
        Console.WriteLine($"media at {crowd.Fleet.MediaServer}, hub at port {server.Url.Port}");
        Figures.PrintJson(new
        {
            phones,
            control = new { tcp = crowd.Fleet.TcpCount, h2 = crowd.Fleet.H2Count },
            seconds = Figures.Round(elapsed),
            cores = Figures.Round((after.CpuSeconds - before.CpuSeconds) / elapsed),
            media_loop_cores = Figures.Round((metricsAfter.LoopCpuSeconds - metricsBefore.LoopCpuSeconds) / elapsed),
            generator_cores = Figures.Round((Environment.CpuUsage.TotalTime.TotalSeconds - ownBefore) / elapsed),
            kbit_per_phone = Math.Round((crowd.Fleet.ControlBytes - controlBefore) * 8 / 1000.0 / phones / elapsed, 4),
            server_rss_mb = Figures.Round(after.RssMb),
            kb_per_phone = Figures.Round((after.RssMb - crowd.Before.RssMb) * 1024 / phones),
        });
        return 0;
    }
}
