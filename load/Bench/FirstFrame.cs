using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using Comms.Bench.Load;
using Comms.Browser;
using Comms.Phones.Viewers;

namespace Comms.Bench;

/// <summary>
/// ./bench firstframe: how long a viewer waits for its first decodable picture, from its WHEP request on, while many cameras are live.
/// Warm: somebody watches the camera already. Cold: nobody does, and the camera begins with a key frame on PLAY. Cold and waiting: the
/// camera goes on in the middle of its two-second group. The same cold cameras through ffmpeg, and warm ones in a real Chromium.
/// </summary>
internal static class FirstFrame
{
    private const int Cold = 200;
    private const int Kbps = 128;
    private const int Fps = 10;
    private static readonly TimeSpan LiveLimit = TimeSpan.FromSeconds(120);

    public static async Task<int> RunAsync(string[] arguments)
    {
        int live = Argument.Number(arguments, "--cameras", 300);
        int samples = Math.Min(Argument.Number(arguments, "--samples", 20), Math.Min(live, Cold / 2));
        using var farm = await SimulatedCameras.StartAsync(live + Cold, clips: 8, Kbps, Fps);
        var warm = new Figures("warm");
        var cold = new Figures("cold, key frame on PLAY");
        var waiting = new Figures("cold, waiting for one");
        var ffmpeg = new Figures("cold, through ffmpeg");
        var chromium = new Figures("warm, in Chromium");
        await using (var server = await LoadServer.StartAsync(arguments))
        {
            await RegisterAsync(server, farm, live);
            using var watching = new ViewerFleet(live);
            await watching.JoinAsync(server.Admin, number => Live(number));
            await WaitForAllAsync(watching, live);
            using var viewers = new ViewerFleet(3 * samples);
            for (int i = 0; i < samples; i++)
            {
                warm.Add(await viewers.TimeFirstFrameAsync(i, server.Admin, Live(i)));
                cold.Add(await viewers.TimeFirstFrameAsync(samples + i, server.Admin, $"cold{i}"));
                waiting.Add(await viewers.TimeFirstFrameAsync(2 * samples + i, server.Admin, $"late{i}"));
            }

            await TimeChromiumAsync(server, chromium, samples);
        }

        await using (var server = await LoadServer.StartAsync(arguments, new Dictionary<string, string> { ["Media:DirectRtsp"] = "false" }))
        {
            await RegisterAsync(server, farm, live: 0);
            using var viewers = new ViewerFleet(samples);
            for (int i = 0; i < samples; i++) ffmpeg.Add(await viewers.TimeFirstFrameAsync(i, server.Admin, $"cold{i}"));
        }

        Figures.PrintTable(warm, cold, waiting, ffmpeg, chromium);
        Figures.PrintJson(new
        {
            cameras = live,
            warm_ms = warm.ToJson(),
            cold_ms = cold.ToJson(),
            cold_wait_ms = waiting.ToJson(),
            ffmpeg_cold_ms = ffmpeg.ToJson(),
            chromium_warm_ms = chromium.ToJson(),
        });
        return 0;
    }

    private static string Live(int number) => string.Create(CultureInfo.InvariantCulture, $"a{number:d5}");

    private static async Task RegisterAsync(LoadServer server, SimulatedCameras farm, int live)
    {
        for (int i = 0; i < live; i++) await server.PutCameraAsync(Live(i), farm.Url("cam", i + 1));
        for (int i = 0; i < Cold / 2; i++)
        {
            await server.PutCameraAsync($"cold{i}", farm.Url("cam", farm.Count - Cold + i + 1));
            await server.PutCameraAsync($"late{i}", farm.Url("late", farm.Count - Cold / 2 + i + 1));
        }
    }

    private static async Task WaitForAllAsync(ViewerFleet fleet, int count)
    {
        var watch = Stopwatch.StartNew();
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while ((await fleet.CountAsync()).Seeing < count)
        {
            if (watch.Elapsed > LiveLimit) throw new LoadFault($"Only {(await fleet.CountAsync()).Seeing} of {count} cameras became live in {LiveLimit.TotalSeconds} s.");
            await look.WaitForNextTickAsync();
        }
    }

    private static async Task TimeChromiumAsync(LoadServer server, Figures figures, int samples)
    {
        await using var browser = await Chromium.LaunchAsync();
        var page = await browser.OpenAsync(server.Url, "/", "en-US", width: 1440, height: 900);
        await page.SignInAsync("admin", server.PasswordOf("admin"));
        await page.UnlockAsync();
        await page.WaitForLinkAsync("connected");
        for (int i = 0; i < samples; i++)
        {
            await page.ById($"camera-item-{Live(i)}").WaitForAsync();
            figures.Add(await page.OpenCameraTimedAsync(Live(i)));
            await page.CloseCameraAsync(Live(i));
        }
    }
}
