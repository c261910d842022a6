using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Comms.Browser;
using Xunit;

namespace Comms.EndToEnd;

/// <summary>Camera video delivered to a real browser and to strangers' programs, and taken from them.</summary>
public sealed class VideoDeliveryTests(DemoCity city) : IClassFixture<DemoCity>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task The_main_stream_takes_over_from_the_sub_stream_without_a_black_picture_and_nine_tiles_play_at_once()
    {
        using var admin = await city.SignInByApiAsync(city.Administrator);
        await PutAsync(admin, "pair1", new { url = city.CameraUrl("cam5") }, new { url = city.CameraUrl("cam6") });
        await using var browser = await Chromium.LaunchAsync();
        var console = await city.OpenConsoleAsync(browser, city.Dispatcher);
        await console.OpenCameraAsync("pair1");
        await console.WaitForPictureAsync("pair1", picture => picture.CameraNumber == 6);

        await console.StartWatchingTileAsync("pair1");
        await console.ById("tile-focus-pair1").ClickAsync();
        await console.WaitForPictureAsync("pair1", picture => picture.CameraNumber == 5);
        await console.Page.Keyboard.PressAsync("Escape");
        await console.WaitForPictureAsync("pair1", picture => picture.CameraNumber == 6);
        var watched = await console.StopWatchingTileAsync("pair1");
        // Sub, main, sub again: never black, never anything between, and never back and forth.
        Assert.Equal([6, 5, 6], Changes(watched.Select(picture => picture.CameraNumber)));

        foreach (string camera in city.Cameras) await console.OpenCameraAsync(camera);
        foreach (string camera in city.Cameras)
        {
            int number = DemoCity.NumberOf(camera);
            var first = await console.WaitForPictureAsync(camera, picture => picture.CameraNumber == number);
            await console.WaitForPictureAsync(camera, picture => picture.CameraNumber == number && picture.FramesSince(first) is > 5 and < 400);
        }

        await console.WaitForPictureAsync("pair1", picture => picture.CameraNumber == 6);
    }

    [Fact]
    public async Task A_strangers_feed_is_shown_snapped_and_played_and_a_dark_tile_says_why()
    {
        using var admin = await city.SignInByApiAsync(city.Administrator);
        await PutAsync(admin, "drone1", new { url = "publish:" });
        await PutAsync(admin, "dark1", new { url = "publish:" });
        await using var browser = await Chromium.LaunchAsync();
        var console = await city.OpenConsoleAsync(browser, city.Dispatcher);
        await console.OpenCameraAsync("drone1");
        await console.WaitForTileTextAsync("drone1", "nobody publishes");

        var publish = await TokenAsync(admin, "drone1", "publish");
        string record = $"{publish.RtspUrl}?token={publish.Token}";
        using (Start("ffmpeg", "-nostdin", "-loglevel", "error", "-rtsp_transport", "tcp", "-i", city.CameraUrl("cam3"), "-c", "copy", "-f", "rtsp", "-rtsp_transport", "tcp", record))
        {
            var first = await console.WaitForPictureAsync("drone1", picture => picture.CameraNumber == 3);
            await console.WaitForPictureAsync("drone1", picture => picture.CameraNumber == 3 && picture.FramesSince(first) is > 5 and < 400);
            await AssertSnapshotAsync(console);
            await AssertPlaysAsync(admin);
        }

        // The tile keeps its session while the source is gone, and says so.
        await console.WaitForTileTextAsync("drone1", "the publisher is gone");
        using (Start("gst-launch-1.0", "-q", "rtspsrc", $"location={city.CameraUrl("cam4")}", "protocols=tcp", "!", "rtph264depay", "!", "h264parse", "!",
            "rtspclientsink", $"location={record}", "protocols=tcp"))
            await console.WaitForPictureAsync("drone1", picture => picture.CameraNumber == 4);
    }

    [Fact]
    public async Task An_H265_feed_and_a_camera_with_reordered_pictures_play_forwards_in_the_browser()
    {
        using var admin = await city.SignInByApiAsync(city.Administrator);
        await PutAsync(admin, "hevc1", new { url = "publish:" });
        await PutAsync(admin, "bframes1", new { url = city.CameraUrl("cam7").Replace("/cam/", "/bframes/", StringComparison.Ordinal) });
        var publish = await TokenAsync(admin, "hevc1", "publish");
        using var camera = Start("ffmpeg", "-nostdin", "-loglevel", "error", "-rtsp_transport", "tcp", "-i", city.CameraUrl("cam2"), "-r", "10",
            "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "keyint=20:bframes=0:log-level=error:pools=1:frame-threads=1",
            "-f", "rtsp", "-rtsp_transport", "tcp", $"{publish.RtspUrl}?token={publish.Token}");
        await using var browser = await Chromium.LaunchAsync();
        var console = await city.OpenConsoleAsync(browser, city.Dispatcher);
        foreach (var (id, number) in new[] { ("hevc1", 2), ("bframes1", 1) })
        {
            await console.OpenCameraAsync(id);
            var first = await console.WaitForPictureAsync(id, picture => picture.CameraNumber == number);
            await console.StartWatchingTileAsync(id);
            await console.WaitForPictureAsync(id, picture => picture.CameraNumber == number && picture.FramesSince(first) is > 40 and < 400);
            var watched = await console.StopWatchingTileAsync(id);
            Assert.All(watched.Zip(watched.Skip(1)), pair => Assert.True(pair.Second.FramesSince(pair.First) < CameraPicture.FramesPerClip / 2, $"{id} went from {pair.First} to {pair.Second}"));
        }
    }

    [Fact]
    public async Task A_browser_publishes_by_WHIP_and_another_tile_shows_it()
    {
        const int number = 9;
        using var admin = await city.SignInByApiAsync(city.Administrator);
        await PutAsync(admin, "phone1", new { url = "publish:" });
        var publish = await TokenAsync(admin, "phone1", "publish");
        await using var browser = await Chromium.LaunchAsync();
        var phone = await browser.OpenAsync(city.Url, "/ptt", "en-US", width: 390, height: 844);
        var console = await city.OpenConsoleAsync(browser, city.Dispatcher);
        string session = await phone.Page.EvaluateAsync<string>("([url, token, number]) => window.probe.publish(url, token, number)",
            new object[] { "/whip/phone1", publish.Token, number });
        Assert.StartsWith("/whip/sessions/", session, StringComparison.Ordinal);
        await console.OpenCameraAsync("phone1");
        var first = await console.WaitForPictureAsync("phone1", picture => picture.CameraNumber == number);
        await console.WaitForPictureAsync("phone1", picture => picture.CameraNumber == number && picture.FramesSince(first) is > 5 and < 400);
        using var end = new HttpRequestMessage(HttpMethod.Delete, session) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", publish.Token) } };
        using var client = new HttpClient { BaseAddress = city.Url };
        using var ended = await client.SendAsync(end);
        Assert.Equal(HttpStatusCode.OK, ended.StatusCode);
        await console.WaitForTileTextAsync("phone1", "the publisher is gone");
    }

    private async Task AssertSnapshotAsync(CommsPage console)
    {
        await console.ById("tile-snapshot-drone1").ClickAsync();
        await console.ById("snapshot-drone1").WaitForAsync();
        Assert.Contains("s old", await console.ById("snapshot-age-drone1").InnerTextAsync(), StringComparison.Ordinal);
        await console.Page.Keyboard.PressAsync("Escape");

        using var viewer = await city.SignInByApiAsync(city.Dispatcher);
        using var picture = await viewer.GetAsync("/api/v1/cameras/drone1/snapshot");
        Assert.Equal("image/jpeg", picture.Content.Headers.ContentType!.MediaType);
        Assert.InRange(long.Parse(picture.Headers.GetValues("Comms-Age-Ms").Single(), System.Globalization.CultureInfo.InvariantCulture), 0, 30_000);
        byte[] jpeg = await picture.Content.ReadAsByteArrayAsync();
        Assert.Equal([0xFF, 0xD8], jpeg[..2]);
        using var again = new HttpRequestMessage(HttpMethod.Get, "/api/v1/cameras/drone1/snapshot");
        again.Headers.IfNoneMatch.Add(picture.Headers.ETag!);
        using var second = await viewer.SendAsync(again);
        Assert.Equal(second.Headers.ETag!.Equals(picture.Headers.ETag) ? HttpStatusCode.NotModified : HttpStatusCode.OK, second.StatusCode);
        using var dark = await viewer.GetAsync("/api/v1/cameras/dark1/snapshot");
        Assert.Equal(HttpStatusCode.Conflict, dark.StatusCode);
    }

    private static async Task AssertPlaysAsync(HttpClient admin)
    {
        var view = await TokenAsync(admin, "drone1", "view");
        string[] parts = view.Token.Split('.');
        string digest = view.RtspUrl.Replace("rtsp://", $"rtsp://{parts[0]}:{parts[1]}@", StringComparison.Ordinal);
        Assert.Equal(0, await RunAsync("ffmpeg", "-nostdin", "-loglevel", "error", "-i", $"{view.RtspUrl}?token={view.Token}", "-frames:v", "10", "-f", "null", "-"));
        Assert.Equal(0, await RunAsync("ffmpeg", "-nostdin", "-loglevel", "error", "-rtsp_transport", "tcp", "-i", digest, "-frames:v", "10", "-f", "null", "-"));
        Assert.Equal(0, await RunAsync("gst-launch-1.0", "-q", "rtspsrc", $"location={view.RtspUrl}", $"user-id={parts[0]}", $"user-pw={parts[1]}", "protocols=tcp", "!",
            "rtph264depay", "!", "h264parse", "!", "identity", "eos-after=10", "!", "fakesink"));
        Assert.NotEqual(0, await RunAsync("ffmpeg", "-nostdin", "-loglevel", "quiet", "-rtsp_transport", "tcp", "-i", view.RtspUrl, "-frames:v", "1", "-f", "null", "-"));
    }

    private static List<int> Changes(IEnumerable<int> numbers) =>
        numbers.Aggregate(new List<int>(), (changes, number) =>
        {
            if (changes.Count == 0 || changes[^1] != number) changes.Add(number);
            return changes;
        });

    private static async Task PutAsync(HttpClient admin, string id, object source, object? sub = null)
    {
        using var answer = await admin.PutAsJsonAsync($"/api/v1/cameras/{id}",
            new { nameZh = id, nameEn = id, townId = DemoCity.AnyTownId, department = "police", source, subSource = sub });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static async Task<(string Token, string RtspUrl)> TokenAsync(HttpClient admin, string camera, string use)
    {
        using var answer = await admin.PostAsJsonAsync($"/api/v1/cameras/{camera}/stream-tokens", new { use, seconds = 600 });
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return (body.GetProperty("token").GetString()!, body.GetProperty("rtspUrl").GetString()!);
    }

    private static StrangerProcess Start(string program, params string[] arguments) => new(program, arguments);

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new TimeoutException($"{program} did not end in {Limit.TotalSeconds} s: {string.Join(' ', arguments)}");
        }

        return process.ExitCode;
    }

    /// <summary>A program that runs until it is disposed, then is killed.</summary>
    private sealed class StrangerProcess(string program, string[] arguments) : IDisposable
    {
        private readonly Process _process = Process.Start(program, arguments);

        public void Dispose()
        {
            _process.Kill();
            _process.WaitForExit();
            _process.Dispose();
        }
    }
}
