using Comms.Phones.Io;
using Comms.Phones.Sip;

namespace Comms.Bench.Load;

/// <summary>./bench sip: G.711 legs in 50 channels, one talker in each: loss, delay and what a packet costs.</summary>
internal static class SipBench
{
    private const int Channels = 50;
    private const int CallsPerSecond = 100;
    private const int WarmUpMs = 3_000;

    public static async Task<int> RunAsync(string[] arguments)
    {
        int legs = Argument.Number(arguments, "--legs", 1_000);
        int seconds = Argument.Number(arguments, "--seconds", 30);
        await using var server = await LoadServer.StartAsync([], SipTown.Settings(legs));
        var town = new SipTown(server);
        var logins = await town.BuildAsync(legs, Channels);
        using var load = new CallLoad(town.Sip, logins, SipTown.FirstAddress);
        await InBackground(() => load.CallAll(CallsPerSecond));
        if (load.Up < legs) throw new LoadFault($"Only {load.Up} of {legs} legs are up ({string.Join(" ", load.Refusals)}).");
        Console.WriteLine($"{load.Up} legs are up");
        int[] talkers = [.. Enumerable.Range(0, Channels)];
        await InBackground(() => load.Talk(talkers, 2_000, WarmUpMs));

        var before = await server.ReadMetricsAsync();
        double ownCpu = Environment.CpuUsage.TotalTime.TotalSeconds;
        long heardBefore = load.Heard, saidBefore = load.Said;
        long began = Clocks.MonotonicNs;
        LegHearing heard = await InBackground(() => load.Talk(talkers, seconds * 1000, WarmUpMs));
        double took = (Clocks.MonotonicNs - began) / 1e9;
        var after = await server.ReadMetricsAsync();
        ownCpu = Environment.CpuUsage.TotalTime.TotalSeconds - ownCpu;
        int left = load.Up;
        await InBackground(() => load.HangUpAll());
        long packets = load.Heard - heardBefore + (load.Said - saidBefore);
        Figures.PrintJson(new
        {
            legs = left,
            channels = Channels,
            packets,
            lost = heard.Lost,
            late = heard.Late,
            loop_cpu_us_per_packet = Figures.Round((after.LoopCpuSeconds - before.LoopCpuSeconds) * 1e6 / packets),
            server_cpu_cores = Figures.Round((after.Process.CpuSeconds - before.Process.CpuSeconds) / took),
            generator_cpu_cores = Figures.Round(ownCpu / took),
            capture_to_arrival_ms = new
            {
                n = heard.Delays.Count, p50 = Figures.Round(heard.Delays.PercentileMs(0.5)), p95 = Figures.Round(heard.Delays.PercentileMs(0.95)),
            },
        });
        if (load.KernelDrops > 0) throw new LoadFault($"The generator's sockets overflowed: {load.KernelDrops} datagrams (SO_RXQ_OVFL).");
        if (left < legs) throw new LoadFault($"{legs - left} legs were lost ({string.Join(" ", load.Refusals)}).");
        if (heard.Delays.Count == 0) throw new LoadFault("Nobody heard a mark.");
        return heard.Lost > 0 ? throw new LoadFault($"{heard.Lost} packets or marks were lost.") : 0;
    }

    private static Task<T> InBackground<T>(Func<T> work) => Task.Factory.StartNew(work, TaskCreationOptions.LongRunning);

    private static Task InBackground(Action work) => Task.Factory.StartNew(work, TaskCreationOptions.LongRunning);
}
