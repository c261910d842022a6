using System.Net;
using Comms.Phones.Io;
using Comms.Phones.Sip;

namespace Comms.Bench.Load;

/// <summary>./bench register: accounts register with digest over UDP and refresh; Debian's kamailio under the same load beside it.</summary>
internal static class RegisterBench
{
    private const int Window = 64;

    public static async Task<int> RunAsync(string[] arguments)
    {
        int accounts = Argument.Number(arguments, "--accounts", 10_000);
        int rounds = Argument.Number(arguments, "--rounds", 4);
        IReadOnlyList<SipLogin> logins;
        Measured ours;
        await using (var server = await LoadServer.StartAsync([], SipTown.Settings(100)))
        {
            var town = new SipTown(server);
            logins = await town.BuildAsync(accounts, channels: 0);
            ours = await MeasureAsync(town.Sip, logins, rounds, () => ProcessFigures.Read(server.ProcessId).CpuSeconds, "comms");
        }

        using var kamailio = await Kamailio.StartAsync(logins[0].Password);
        var theirs = await MeasureAsync(
            new Endpoint(SipTown.Loopback, (ushort)kamailio.Port), logins, rounds, () => Kamailio.CpuSeconds(kamailio), "kamailio");
        Figures.PrintJson(new
        {
            accounts,
            registrations = ours.Figures.Registered,
            failed = ours.Figures.Failed,
            challenges = ours.Figures.Challenges,
            repeats = ours.Figures.Repeats,
            per_second = Figures.Round(ours.Figures.Registered / ours.Figures.Seconds),
            per_second_per_core = Figures.Round(ours.PerCore),
            p99_ms = Figures.Round(ours.Figures.Times.PercentileMs(0.99)),
            kamailio_per_second = Figures.Round(theirs.Figures.Registered / theirs.Figures.Seconds),
            kamailio_per_second_per_core = Figures.Round(theirs.PerCore),
            kamailio_p99_ms = Figures.Round(theirs.Figures.Times.PercentileMs(0.99)),
            kamailio_failed = theirs.Figures.Failed,
        });
        return ours.Figures.Failed + theirs.Figures.Failed > 0 ? throw new LoadFault("Not every registration was taken.") : 0;
    }

    private static async Task<Measured> MeasureAsync(Endpoint server, IReadOnlyList<SipLogin> logins, int rounds, Func<double> cpu, string name)
    {
        using var load = new RegisterLoad(server, logins, SipTown.FirstAddress);
        double before = cpu();
        // The generator's loop blocks its thread.
        RegisterFigures figures = await Task.Factory.StartNew(() => load.Run(rounds, Window), TaskCreationOptions.LongRunning);
        var measured = new Measured(figures, cpu() - before);
        Console.WriteLine(FormattableString.Invariant(
            $"{name,-10} {figures.Registered} registered, {figures.Challenges} challenged, {figures.Repeats} repeated, {figures.Failed} failed ({string.Join(" ", load.Refusals)}), {figures.Seconds:F1} s, {measured.CpuSeconds:F1} s of processor: {measured.PerCore:F0} per second and core, p99 {figures.Times.PercentileMs(0.99):F1} ms"));
        if (load.KernelDrops > 0) throw new LoadFault($"The generator's socket overflowed: {load.KernelDrops} datagrams (SO_RXQ_OVFL).");
        return measured;
    }

    private sealed record Measured(RegisterFigures Figures, double CpuSeconds)
    {
        public double PerCore => Figures.Registered / CpuSeconds;
    }
}
