using System.Diagnostics;
using System.Globalization;
using Comms.Media.Node;
using Comms.Media.Numbers;
using Xunit;

namespace Comms.Interop.Tests.Cameras;

/// <summary>gst-rtsp-server as a camera: an RTSP server that is not ours, over its connection and by UDP.</summary>
public sealed class StrangersCameraTests : IAsyncLifetime, IDisposable
{
    private readonly FeedNode _node = new();
    private Process? _server;
    private int _port;

    public async Task InitializeAsync()
    {
        var script = Path.Combine(AppContext.BaseDirectory, "Cameras", "gst_camera.py");
        _server = ChildProcesses.Start(new ProcessStartInfo("/usr/bin/python3", [script]) { RedirectStandardOutput = true });
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var line = await _server.StandardOutput.ReadLineAsync(patience.Token) ?? throw new InvalidOperationException("gst-rtsp-server ended.");
        _port = int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
    }

    public void Dispose() => _node.Dispose();

    public async Task DisposeAsync()
    {
        _server?.Kill();
        await (_server?.WaitForExitAsync() ?? Task.CompletedTask);
        _server?.Dispose();
    }

    [Theory]
    [InlineData("tcp")]
    [InlineData("udp")]
    public async Task Its_pictures_and_its_sound_come_through_by_either_transport(string path)
    {
        await _node.StartAsync("c", $"rtsp://127.0.0.1:{_port}/{path}");
        DumpingViewer[] viewers = [_node.View("c", 0), _node.View("c", 1)];
        _node.WaitFor("c", FeedState.Live);
        await FeedNode.UntilAsync(() => viewers.All(viewer => viewer.PictureCount >= 25 && viewer.Sounds.Count >= 50), "pictures and sound");
        foreach (var viewer in viewers)
        {
            Assert.Equal(0, viewer.LostPackets);
            await viewer.AssertDecodesAsync();
            var sounds = viewer.Sounds;
            Assert.All(sounds, sound => Assert.Equal(AudioCodec.Pcma, sound.Codec));
            Assert.All(sounds.Zip(sounds.Skip(1)), pair => Assert.InRange((int)(pair.Second.Timestamp - pair.First.Timestamp), 1, 8000));
        }

        var feed = (await _node.Hub.SnapshotAsync()).First(feed => feed.Description is not null);
        Assert.Null(feed.RelayProcessId);
        Assert.Equal((320, 240, AudioCodec.Pcma), (feed.Description!.WidthPixels, feed.Description.HeightPixels, feed.Description.Audio));
    }
}
