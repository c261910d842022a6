using System.Diagnostics;
using System.Globalization;
using Comms.Media.Io;
using Comms.Media.Relay;

namespace Comms.Bench;

/// <summary>
/// Every camera of one site vanishes at once and comes back: reconnects stay within the site's budget, nobody waits for long, and
/// the media loops, which carry voice too, are never held up.
/// </summary>
internal static class Storm
{
    private const int DarkSeconds = 20;
    private const string Site = "the switch";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(180);

    public static async Task<int> RunAsync(string[] arguments)
    {
        int count = Argument.Number(arguments, "--count", 10_000);
        int kbps = Argument.Number(arguments, "--kbps", 64);
        int fps = Argument.Number(arguments, "--fps", 5);
        var options = new FeedOptions();
        using var farm = await CameraFarm.StartAsync(count, kbps, fps);
        using var rig = new FeedRig(options);
        var opening = Stopwatch.StartNew();
        for (int camera = 1; camera <= count; camera++)
            await rig.Hub.StartAsync(camera.ToString(CultureInfo.InvariantCulture), farm.SourceOf(camera, Site));
        bool isOpen = await rig.WaitForLiveAsync(count, Limit);
        Console.WriteLine($"{rig.States.Live} of {count} live after {opening.Elapsed.TotalSeconds:F1} s; the switch reboots");

        using var watch = new StormWatch(rig);
        farm.Stop();
        await FeedRig.PauseAsync(DarkSeconds);
        int dark = count - rig.States.Live;
        var back = Stopwatch.StartNew();
        await farm.StartAsync();
        bool isBack = await rig.WaitForLiveAsync(count, Limit);
        double backSeconds = back.Elapsed.TotalSeconds;
        var (connects, delayMs) = watch.End();
        Figures.PrintJson(new
        {
            cameras = count,
            dark,
            live = rig.States.Live,
            all_back_seconds = Figures.Round(backSeconds),
            connects_per_second_max = connects,
            budget_per_second = options.ConnectsPerSecondPerSite,
            loop_delay_ms_max = Figures.Round(delayMs),
        });
        return isOpen && isBack && dark == count && connects <= options.ConnectsPerSecondPerSite * 1.05 ? 0 : 1;
    }

    /// <summary>Counts attempts in each second, and how late the loops take up a command.</summary>
    private sealed class StormWatch : IDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task<long> _connects;
        private readonly Task<double> _delay;

        public StormWatch(FeedRig rig)
        {
            _connects = CountAsync(rig.Hub, _stop.Token);
            _delay = MeasureDelayAsync(rig.Loops, _stop.Token);
        }

        public (long ConnectsPerSecond, double DelayMs) End()
        {
            _stop.Cancel();
            return (_connects.Result, _delay.Result);
        }

        public void Dispose() => _stop.Dispose();

        private static async Task<long> CountAsync(FeedHub hub, CancellationToken stop)
        {
            using var clock = new PeriodicTimer(TimeSpan.FromSeconds(1));
            long most = 0;
            long before = hub.Attempts;
            var since = Stopwatch.StartNew();
            while (await NextAsync(clock, stop))
            {
                long now = hub.Attempts;
                most = Math.Max(most, (long)((now - before) / since.Elapsed.TotalSeconds));
                before = now;
                since.Restart();
            }

            return most;
        }

        private static async Task<double> MeasureDelayAsync(EventLoop[] loops, CancellationToken stop)
        {
            using var clock = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            double most = 0;
            while (await NextAsync(clock, stop))
            {
                foreach (var loop in loops)
                {
                    var asked = Stopwatch.StartNew();
                    most = Math.Max(most, await loop.CallAsync(_ => asked.Elapsed.TotalMilliseconds, 0));
                }
            }

            return most;
        }

        private static async Task<bool> NextAsync(PeriodicTimer clock, CancellationToken stop)
        {
            try
            {
                return await clock.WaitForNextTickAsync(stop);
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }
    }
}
