using System.Diagnostics;
using System.Globalization;
using Comms.Media.Relay;

namespace Comms.Bench;

/// <summary>
/// FFmpeg relays of the farm's cameras: what one costs with our own part of taking its stream in, beside an ffmpeg that only
/// reads the same cameras and throws everything away, in the same run.
/// </summary>
internal static class Relays
{
    private const int MostBare = 100;
    private static readonly TimeSpan LiveLimit = TimeSpan.FromSeconds(240);

    public static async Task<int> RunAsync(string[] arguments)
    {
        int count = Argument.Number(arguments, "--count", 300);
        int kbps = Argument.Number(arguments, "--kbps", 128);
        int fps = Argument.Number(arguments, "--fps", 10);
        int seconds = Argument.Number(arguments, "--seconds", 60);
        using var farm = await CameraFarm.StartAsync(count, kbps, fps);
        var rig = new FeedRig(new FeedOptions { UsesDirectRtsp = false });
        for (int camera = 1; camera <= count; camera++)
            await rig.Hub.StartAsync(camera.ToString(CultureInfo.InvariantCulture), farm.SourceOf(camera));
        await rig.WaitForLiveAsync(count, LiveLimit);
        await FeedRig.PauseAsync(5);

        int[] processes = [.. (await rig.Hub.SnapshotAsync()).Select(feed => feed.RelayProcessId).OfType<int>()];
        Console.WriteLine($"{rig.States.Live} of {count} live by {processes.Length} processes; measuring {seconds} s");
        int lapses = rig.States.Lapses;
        var own = Environment.CpuUsage.TotalTime;
        double relays = await MeasureAsync(processes, seconds);
        double ours = (Environment.CpuUsage.TotalTime - own) / TimeSpan.FromSeconds(seconds) * 100;
        double pssMb = processes.Average(PssMb);
        int live = rig.States.Live;
        int restarts = rig.States.Lapses - lapses;
        rig.Dispose();

        double bare = await MeasureBareAsync(farm, Math.Min(count, MostBare), seconds);
        double each = (relays + ours) / Math.Max(1, processes.Length);
        Console.WriteLine($"ffmpeg {relays / Math.Max(1, processes.Length):F3} % of a core each, our part {ours / Math.Max(1, processes.Length):F3} %; ratio to bare {each / bare:F2}");
        Figures.PrintJson(new
        {
            relays = count,
            live,
            cpu_percent_each = Math.Round(each, 3),
            pss_mb_each = Figures.Round(pssMb),
            bare_cpu_percent_each = Math.Round(bare, 3),
            restarts,
        });
        return live == count && restarts == 0 && each / bare <= 1.5 ? 0 : 1;
    }

    /// <summary>Percent of a core of all of them together.</summary>
    private static async Task<double> MeasureAsync(int[] processes, double seconds)
    {
        var clock = Stopwatch.StartNew();
        var before = processes.Select(CpuTime).ToArray();
        await FeedRig.PauseAsync(seconds);
        var spent = processes.Select(CpuTime).Zip(before, (after, start) => (after - start).TotalSeconds).Sum();
        return spent / clock.Elapsed.TotalSeconds * 100;
    }

    private static async Task<double> MeasureBareAsync(CameraFarm farm, int count, int seconds)
    {
        var started = new List<Process>();
        try
        {
            for (int camera = 1; camera <= count; camera++)
            {
                string[] arguments = ["-nostdin", "-loglevel", "error", "-rtsp_transport", "tcp", "-i", farm.UrlOf(camera), "-c", "copy", "-f", "null", "-"];
                started.Add(Process.Start(new ProcessStartInfo("ffmpeg", arguments)) ?? throw new InvalidOperationException("ffmpeg does not start."));
                await FeedRig.PauseAsync(0.05);
            }

            await FeedRig.PauseAsync(10);
            double spent = await MeasureAsync([.. started.Select(process => process.Id)], seconds);
            if (started.Any(process => process.HasExited)) throw new InvalidOperationException("A bare ffmpeg ended.");
            return spent / count;
        }
        finally
        {
            foreach (var process in started)
            {
                process.Kill();
                process.Dispose();
            }
        }
    }

    private static TimeSpan CpuTime(int process)
    {
        using var running = Process.GetProcessById(process);
        return running.TotalProcessorTime;
    }

    /// <summary>Its own memory and its share of what it has in common with the others.</summary>
    private static double PssMb(int process)
    {
        string line = File.ReadLines($"/proc/{process}/smaps_rollup").First(line => line.StartsWith("Pss:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024.0;
    }
}
