using Comms.Phones.Io;
using Comms.Phones.Sip;

namespace Comms.Bench.Load;

/// <summary>./bench invite: calls are set up, carry speech both ways for a second, and are hung up.</summary>
internal static class InviteBench
{
    private const int Phones = 1_500;
    private const int Channels = 50;
    private const int HoldMs = 1_000;

    public static async Task<int> RunAsync(string[] arguments)
    {
        int calls = Argument.Number(arguments, "--calls", 5_000);
        int rate = Argument.Number(arguments, "--rate", 230);
        await using var server = await LoadServer.StartAsync([], SipTown.Settings(Phones));
        var town = new SipTown(server);
        var logins = await town.BuildAsync(Phones, Channels);
        using var load = new CallLoad(town.Sip, logins, SipTown.FirstAddress);
        double cpu = ProcessFigures.Read(server.ProcessId).CpuSeconds;
        long began = Clocks.MonotonicNs;
        long done = await Task.Factory.StartNew(() => load.CallAndHangUp(calls, rate, HoldMs), TaskCreationOptions.LongRunning);
        double seconds = (Clocks.MonotonicNs - began) / 1e9;
        cpu = ProcessFigures.Read(server.ProcessId).CpuSeconds - cpu;
        long failed = calls - done;
        if (failed > 0) Console.WriteLine($"failed by status: {string.Join(" ", load.Refusals)}");
        Figures.PrintJson(new
        {
            calls,
            calls_per_second = Figures.Round(done / seconds),
            p50_setup_ms = Figures.Round(load.SetUp.PercentileMs(0.5)),
            p99_setup_ms = Figures.Round(load.SetUp.PercentileMs(0.99)),
            failed,
            packets_heard = load.Heard,
            server_cpu_cores = Figures.Round(cpu / seconds),
        });
        if (load.KernelDrops > 0) throw new LoadFault($"The generator's sockets overflowed: {load.KernelDrops} datagrams (SO_RXQ_OVFL).");
        return failed > 0 ? throw new LoadFault($"{failed} calls failed.") : 0;
    }
}
