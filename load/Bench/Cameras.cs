using System.Diagnostics;
using System.Globalization;
using Comms.Media.Numbers;
using Comms.Media.Relay;

namespace Comms.Bench;

/// <summary>
/// Many RTSP cameras taken in at once by the media node's feeds in this process, from a farm in another on the same machine.
/// Nobody watches but the checkers, one for every hundred cameras, who know each picture of each clip.
/// </summary>
internal static class Cameras
{
    private const int ConnectsPerTick = 20;
    private static readonly TimeSpan ConnectTick = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LiveLimit = TimeSpan.FromSeconds(120);

    public static async Task<int> RunAsync(string[] arguments)
    {
        int count = Argument.Number(arguments, "--count", 1000);
        int kbps = Argument.Number(arguments, "--kbps", 128);
        int fps = Argument.Number(arguments, "--fps", 10);
        int seconds = Argument.Number(arguments, "--seconds", 60);
        using var farm = await CameraFarm.StartAsync(count, kbps, fps);
        using var rig = new FeedRig(new FeedOptions());
        GC.Collect();
        long rssBefore = Environment.WorkingSet;

        var connecting = Stopwatch.StartNew();
        var viewers = await ConnectAsync(rig, farm, count);
        await rig.WaitForLiveAsync(count, LiveLimit);
        double connectSeconds = connecting.Elapsed.TotalSeconds;
        await FeedRig.PauseAsync(5);

        Console.WriteLine($"{rig.States.Live} of {count} live after {connectSeconds:F1} s; measuring {seconds} s");
        var before = Reading.Take(rig, farm);
        int lapsesBefore = rig.States.Lapses;
        await FeedRig.PauseAsync(seconds);
        var spent = Reading.Take(rig, farm).Since(before);
        long rss = Environment.WorkingSet;
        var feeds = await rig.Hub.SnapshotAsync();
        foreach (var dark in feeds.Where(feed => feed.State is not ("Live" or "Carried")).GroupBy(feed => feed.Reason))
            Console.WriteLine($"not live: {dark.Count()} cameras, {dark.Key}");
        double gopKb = feeds.Sum(feed => (double)feed.CachedBytes) / 1024 / count;
        long wrong = viewers.Sum(viewer => viewer.WrongFrames);
        long gaps = spent.Drops + rig.States.Lapses - lapsesBefore;
        Console.WriteLine($"{kbps} kbit/s, {fps} pictures a second, {seconds} s; {viewers.Count} cameras checked");
        Console.WriteLine($"media loops {spent.LoopCores:F2} cores; with the farm's {(int)(rig.States.Live / (spent.ServerCores + spent.FarmCores))} streams per core");
        Figures.PrintJson(new
        {
            cameras = count,
            live = rig.States.Live,
            gaps,
            checked_frames = viewers.Sum(viewer => viewer.CheckedFrames),
            wrong_frames = wrong,
            server_cpu_cores = Figures.Round(spent.ServerCores),
            farm_cpu_cores = Figures.Round(spent.FarmCores),
            streams_per_core = (int)(rig.States.Live / spent.ServerCores),
            session_kb = Figures.Round((rss - rssBefore) / 1024.0 / count - gopKb),
            gop_kb = Figures.Round(gopKb),
            connect_seconds = Figures.Round(connectSeconds),
            server_rss_mb = rss >> 20,
        });
        return rig.States.Live == count && gaps == 0 && wrong == 0 ? 0 : 1;
    }

    /// <summary>Starts a thousand feeds a second, and a checker for every hundredth.</summary>
    private static async Task<List<CheckingViewer>> ConnectAsync(FeedRig rig, CameraFarm farm, int count)
    {
        var clips = Enumerable.Range(1, CameraFarm.Clips).Select(number => new ClipIndex(farm.ClipPath(number))).ToList();
        var viewers = new List<CheckingViewer>();
        using var pace = new PeriodicTimer(ConnectTick);
        for (int camera = 1; camera <= count; camera++)
        {
            string id = camera.ToString(CultureInfo.InvariantCulture);
            await rig.Hub.StartAsync(id, farm.SourceOf(camera));
            if (camera % 100 == 1)
            {
                var viewer = new CheckingViewer(camera, camera / 100 % rig.Loops.Length, clips[(camera - 1) % CameraFarm.Clips]);
                viewers.Add(viewer);
                rig.Loops[viewer.Loop].Post(now => rig.Hub.View(viewer, id, now));
            }

            if (camera % ConnectsPerTick == 0) await pace.WaitForNextTickAsync();
        }

        return viewers;
    }

    /// <summary>What was spent up to a moment.</summary>
    private sealed record Reading(TimeSpan At, TimeSpan Server, long LoopNanoseconds, TimeSpan Farm, long Drops)
    {
        public double ServerCores => Server / At;

        public double LoopCores => LoopNanoseconds / (At.TotalSeconds * 1e9);

        public double FarmCores => Farm / At;

        public static Reading Take(FeedRig rig, CameraFarm farm) => new(
            TimeSpan.FromSeconds(Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency),
            Environment.CpuUsage.TotalTime,
            rig.Loops.Sum(loop => loop.CpuNanoseconds),
            farm.CpuTime,
            rig.Hub.Drops.Sum(drops => Enum.GetValues<DropReason>().Sum(reason => drops[reason])));

        public Reading Since(Reading earlier) => new(
            At - earlier.At, Server - earlier.Server, LoopNanoseconds - earlier.LoopNanoseconds, Farm - earlier.Farm, Drops - earlier.Drops);
    }
}
