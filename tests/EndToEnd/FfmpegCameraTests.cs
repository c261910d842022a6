using Comms.Browser;
using Xunit;

namespace Comms.EndToEnd;

/// <summary>A demo town whose cameras are all relayed by ffmpeg.</summary>
public sealed class FfmpegCity : IAsyncLifetime
{
    public DemoCity City { get; private set; } = null!;

    public async Task InitializeAsync() =>
        City = await DemoCity.StartAsync(new Dictionary<string, string> { ["Media:DirectRtsp"] = "false" });

    public async Task DisposeAsync() => await City.DisposeAsync();
}

/// <summary>A commander at a real browser and cameras that ffmpeg relays.</summary>
public sealed class FfmpegCameraTests(FfmpegCity fixture) : IClassFixture<FfmpegCity>
{
    private readonly DemoCity _city = fixture.City;

    [Fact]
    public async Task Closing_the_last_tile_stops_the_relay_after_its_grace_time()
    {
        await using var browser = await Chromium.LaunchAsync();
        var console = await _city.OpenConsoleAsync(browser, _city.Dispatcher);
        string camera = _city.Cameras[2];
        await console.OpenCameraAsync(camera);
        await console.WaitForPictureAsync(camera, _ => true);
        int relay = await _city.WaitForRelayAsync(camera);

        await console.CloseCameraAsync(camera);

        await _city.WaitForNoRelayAsync(camera);
        Assert.False(Directory.Exists($"/proc/{relay}"), "The relay's ffmpeg is still there.");
    }

    [Fact]
    public async Task A_killed_ffmpeg_brings_the_picture_back_by_itself()
    {
        await using var browser = await Chromium.LaunchAsync();
        var console = await _city.OpenConsoleAsync(browser, _city.Dispatcher);
        string camera = _city.Cameras[3];
        await console.OpenCameraAsync(camera);
        CameraPicture before = await console.WaitForPictureAsync(camera, _ => true);
        int relay = await _city.WaitForRelayAsync(camera);

        using (var ffmpeg = System.Diagnostics.Process.GetProcessById(relay))
            ffmpeg.Kill();

        int next = await _city.WaitForRelayAsync(camera, otherThan: relay);
        Assert.NotEqual(relay, next);
        // While the tile waits it may show the last picture or none: only a picture of this camera counts.
        CameraPicture first = await console.WaitForPictureAsync(camera, p => p.CameraNumber == before.CameraNumber);
        await console.WaitForPictureAsync(camera, p => p.CameraNumber == before.CameraNumber && p.FramesSince(first) is > 50 and < 250);
    }
}
