using System.Diagnostics;
using System.Globalization;
using Comms.Media.Io;
using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Media.Relay;
using Microsoft.Extensions.Logging.Abstractions;

namespace Comms.Bench;

/// <summary>
/// Many RTSP cameras taken in at once by the media node's feeds in this process, from a farm in another on the same machine.
/// Nobody watches but the checkers, one for every hundred cameras, who know each picture of each clip.
/// </summary>
internal static class Cameras
{
    private const int Clips = 8;
    private const int ConnectsPerTick = 20;
    private static readonly TimeSpan ConnectTick = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LiveLimit = TimeSpan.FromSeconds(120);

    public static async Task<int> RunAsync(string[] arguments)
    {
        int count = Argument.Number(arguments, "--count", 1000);
        int kbps = Argument.Number(arguments, "--kbps", 128);
        int fps = Argument.Number(arguments, "--fps", 10);
        int seconds = Argument.Number(arguments, "--seconds", 60);
        using var farm = await Farm.StartAsync(count, kbps, fps);
        EventLoop[] loops = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(index => new EventLoop(index, NullLogger.Instance))];
        var mesh = new LoopMesh(loops, 4096);
        var states = new States();
        var hub = new FeedHub(loops, mesh.CarrierOf, new FeedOptions(), states.Take, NullLogger.Instance);
        foreach (var loop in loops) loop.Start();
        GC.Collect();
        long rssBefore = Environment.WorkingSet;

        var connecting = Stopwatch.StartNew();
        var viewers = await ConnectAsync(hub, loops, farm, count);
        while (states.Live < count && connecting.Elapsed < LiveLimit) await PauseAsync(0.1);
        double connectSeconds = connecting.Elapsed.TotalSeconds;
        await PauseAsync(5);

        Console.WriteLine($"{states.Live} of {count} live after {connectSeconds:F1} s; measuring {seconds} s");
        var before = Reading.Take(hub, farm, loops);
        int lapsesBefore = states.Lapses;
        await PauseAsync(seconds);
        var spent = Reading.Take(hub, farm, loops).Since(before);
        long rss = Environment.WorkingSet;
        var feeds = await hub.SnapshotAsync();
        foreach (var dark in feeds.Where(feed => feed.State is not ("Live" or "Carried")).GroupBy(feed => feed.Reason))
            Console.WriteLine($"not live: {dark.Count()} cameras, {dark.Key}");
        double gopKb = feeds.Sum(feed => (double)feed.CachedBytes) / 1024 / count;
        long wrong = viewers.Sum(viewer => viewer.WrongFrames);
        long gaps = spent.Drops + states.Lapses - lapsesBefore;
        Figures.PrintJson(new
        {
            cameras = count,
            kbps,
            fps,
            seconds,
            live = states.Live,
            gaps,
            checked_cameras = viewers.Count,
            checked_frames = viewers.Sum(viewer => viewer.CheckedFrames),
            wrong_frames = wrong,
            server_cpu_cores = Figures.Round(spent.ServerCores),
            loop_cpu_cores = Figures.Round(spent.LoopCores),
            farm_cpu_cores = Figures.Round(spent.FarmCores),
            streams_per_core = (int)(states.Live / spent.ServerCores),
            streams_per_core_with_farm = (int)(states.Live / (spent.ServerCores + spent.FarmCores)),
            session_kb = Figures.Round((rss - rssBefore) / 1024.0 / count - gopKb),
            gop_kb = Figures.Round(gopKb),
            connect_seconds = Figures.Round(connectSeconds),
            server_rss_mb = rss >> 20,
        });
        hub.Dispose();
        foreach (var loop in loops) loop.Dispose();
        return states.Live == count && gaps == 0 && wrong == 0 ? 0 : 1;
    }

    /// <summary>Starts a thousand feeds a second, and a checker for every hundredth.</summary>
    private static async Task<List<CheckingViewer>> ConnectAsync(FeedHub hub, EventLoop[] loops, Farm farm, int count)
    {
        var clips = Enumerable.Range(1, Clips).Select(number => new ClipIndex(farm.ClipPath(number))).ToList();
        var viewers = new List<CheckingViewer>();
        using var pace = new PeriodicTimer(ConnectTick);
        for (int camera = 1; camera <= count; camera++)
        {
            string id = camera.ToString(CultureInfo.InvariantCulture);
            await hub.StartAsync(id, new FeedSource { Url = $"{farm.Url}/cam/{camera}" });
            if (camera % 100 == 1)
            {
                var viewer = new CheckingViewer(camera, camera / 100 % loops.Length, clips[(camera - 1) % Clips]);
                viewers.Add(viewer);
                loops[viewer.Loop].Post(now => hub.View(viewer, id, now));
            }

            if (camera % ConnectsPerTick == 0) await pace.WaitForNextTickAsync();
        }

        return viewers;
    }

    private static async Task PauseAsync(double seconds)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(seconds));
        await timer.WaitForNextTickAsync();
    }

    /// <summary>How many feeds are live, and how often one ceased to be. Told from any loop.</summary>
    private sealed class States
    {
        private readonly HashSet<string> _live = [];
        private int _lapses;

        public int Live
        {
            get
            {
                lock (_live) return _live.Count;
            }
        }

        public int Lapses => Volatile.Read(ref _lapses);

        public void Take(MediaEvent news)
        {
            if (news is not FeedChanged feed) return;
            lock (_live)
            {
                if (feed.State == FeedState.Live) _live.Add(feed.CameraId);
                else if (_live.Remove(feed.CameraId)) _lapses++;
            }
        }
    }

    /// <summary>What was spent up to a moment.</summary>
    private sealed record Reading(TimeSpan At, TimeSpan Server, long LoopNanoseconds, TimeSpan Farm, long Drops)
    {
        public double ServerCores => Server / At;

        public double LoopCores => LoopNanoseconds / (At.TotalSeconds * 1e9);

        public double FarmCores => Farm / At;

        public static Reading Take(FeedHub hub, Farm farm, EventLoop[] loops) => new(
            TimeSpan.FromSeconds(Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency),
            Environment.CpuUsage.TotalTime,
            loops.Sum(loop => loop.CpuNanoseconds),
            farm.CpuTime,
            hub.Drops.Sum(drops => Enum.GetValues<DropReason>().Sum(reason => drops[reason])));

        public Reading Since(Reading earlier) => new(
            At - earlier.At, Server - earlier.Server, LoopNanoseconds - earlier.LoopNanoseconds, Farm - earlier.Farm, Drops - earlier.Drops);
    }

    /// <summary>The camera simulator as a child process.</summary>
    private sealed class Farm : IDisposable
    {
        private readonly Process _process;
        private readonly string _folder;

        private Farm(Process process, string folder, string url) => (_process, _folder, Url) = (process, folder, url);

        public string Url { get; }

        public TimeSpan CpuTime
        {
            get
            {
                _process.Refresh();
                return _process.TotalProcessorTime;
            }
        }

        public static async Task<Farm> StartAsync(int count, int kbps, int fps)
        {
            string cache = Path.Combine(Path.GetTempPath(), "comms-camera-farm");
            string program = Path.Combine(AppContext.BaseDirectory, "camera-simulator.dll");
            string[] arguments =
            [
                program, "--port", "0", "--cameras", $"{count}", "--clips", $"{Clips}", "--cache", cache, "--kbps", $"{kbps}", "--fps", $"{fps}",
            ];
            var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })
                ?? throw new InvalidOperationException("dotnet does not start.");
            string line = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The farm ended.");
            string folder = fps == 25 && kbps == 500 ? cache : Path.Combine(cache, $"{fps}fps-{kbps}kbps");
            return new Farm(process, folder, line.Split(' ')[1].Replace("/cam/1", "", StringComparison.Ordinal));
        }

        public string ClipPath(int number) => Directory.GetFiles(_folder, $"*-Plain-{number}-*.h264").Single();

        public void Dispose()
        {
            _process.Kill();
            _process.WaitForExit();
            _process.Dispose();
        }
    }
}
