using Comms.Browser;
using Xunit;

namespace Comms.EndToEnd;

/// <summary>A commander at a real browser and the demo town's cameras.</summary>
public sealed class CameraTests(DemoCity city) : IClassFixture<DemoCity>
{
    [Fact]
    public async Task A_camera_plays_its_own_picture_and_time_advances_in_it()
    {
        await using var browser = await Chromium.LaunchAsync();
        var console = await city.OpenConsoleAsync(browser, city.Dispatcher);

        foreach (string camera in city.Cameras.Take(2))
        {
            await console.OpenCameraAsync(camera);
            CameraPicture first = await console.WaitForPictureAsync(camera, _ => true);
            Assert.Equal(DemoCity.NumberOf(camera), first.CameraNumber);
            CameraPicture later = await console.WaitForPictureAsync(camera, p => p.FramesSince(first) is > 25 and < 250);
            Assert.Equal(DemoCity.NumberOf(camera), later.CameraNumber);
        }
    }

    [Fact]
    public async Task Closing_the_last_tile_ends_the_pull_after_its_grace_time()
    {
        await using var browser = await Chromium.LaunchAsync();
        var console = await city.OpenConsoleAsync(browser, city.Dispatcher);
        string camera = city.Cameras[2];
        await console.OpenCameraAsync(camera);
        await console.WaitForPictureAsync(camera, _ => true);

        await console.CloseCameraAsync(camera);

        await city.WaitForNoRelayAsync(camera);
    }
}
