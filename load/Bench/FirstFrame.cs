using System.Diagnostics;
using Comms.Browser;

namespace Comms.Bench;

/// <summary>
/// A click on a camera of the console to the first picture in its tile. Cold: nobody watches and no relay runs. Warm:
/// another console already watches it. With --ffmpeg the server leaves every camera to ffmpeg. Beside it: ffmpeg alone decoding the same camera's first picture.
/// </summary>
internal static class FirstFrame
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        int rounds = Argument.Number(arguments, "--rounds", 2);
        bool usesFfmpeg = arguments.Contains("--ffmpeg");
        await using var city = await DemoCity.StartAsync(new Dictionary<string, string> { ["Media:DirectRtsp"] = usesFfmpeg ? "false" : "true" });
        await using var browser = await Chromium.LaunchAsync();
        var first = await city.OpenConsoleAsync(browser, city.Dispatcher);
        var second = await city.OpenConsoleAsync(browser, city.Administrator);

        var cold = new Figures("click to first picture, cold");
        var warm = new Figures("click to first picture, warm");
        var alone = new Figures("ffmpeg alone to first picture");
        for (int round = 0; round < rounds; round++)
        {
            foreach (string camera in city.Cameras)
            {
                Console.Write($"\rround {round + 1} of {rounds}, {camera}    ");
                cold.Add(await first.OpenCameraTimedAsync(camera));
                warm.Add(await second.OpenCameraTimedAsync(camera));
                await first.CloseCameraAsync(camera);
                await second.CloseCameraAsync(camera);
                alone.Add(await TimeFfmpegAsync(city.CameraUrl(camera)));
            }

            await city.WaitForNoRelayAsync();
        }

        Console.WriteLine();
        Figures.PrintTable(cold, warm, alone);
        Figures.PrintJson(new
        {
            cameras = city.Cameras.Count,
            rounds,
            relay = usesFfmpeg ? "ffmpeg" : "direct",
            cold_ms = cold.ToJson(),
            warm_ms = warm.ToJson(),
            ffmpeg_alone_ms = alone.ToJson(),
            cold_ratio_to_ffmpeg = Figures.Round(cold.Median / alone.Median),
            warm_ratio_to_ffmpeg = Figures.Round(warm.Median / alone.Median),
        });
        return 0;
    }

    private static async Task<double> TimeFfmpegAsync(string url)
    {
        long started = Stopwatch.GetTimestamp();
        using var ffmpeg = Process.Start("ffmpeg",
            ["-nostdin", "-loglevel", "error", "-rtsp_transport", "tcp", "-i", url, "-frames:v", "1", "-f", "null", "-"]);
        await ffmpeg.WaitForExitAsync();
        if (ffmpeg.ExitCode != 0)
            throw new InvalidOperationException($"ffmpeg could not read the camera: exit code {ffmpeg.ExitCode}.");
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }
}
