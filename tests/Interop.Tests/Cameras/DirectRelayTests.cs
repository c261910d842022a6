using Comms.Media.Node;
using Comms.Media.Wire.H264;
using Xunit;

namespace Comms.Interop.Tests.Cameras;

/// <summary>RTSP cameras pulled by our own connections.</summary>
public sealed class DirectRelayTests(SimulatorProcess simulator) : IClassFixture<SimulatorProcess>, IDisposable
{
    private readonly FeedNode _node = new();

    public void Dispose() => _node.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task What_a_viewer_gets_is_the_camera_s_stream_byte_for_byte_without_any_process(int loop)
    {
        await _node.StartAsync("c1", $"{simulator.Url}/cam/1");
        var viewer = _node.View("c1", loop);
        Assert.Equal("connecting", _node.WaitFor("c1", FeedState.Connecting));
        _node.WaitFor("c1", FeedState.Live);
        await FeedNode.UntilAsync(() => viewer.PictureCount >= 60, "60 pictures");

        var source = await SlicesOfClipAsync(1);
        var received = viewer.Pictures.Select(picture => picture[^1]).ToList();
        var at = source.FindIndex(slice => slice.SequenceEqual(received[0]));
        Assert.True(at >= 0);
        Assert.All(received.Select((slice, i) => (slice, i)), pair => Assert.Equal(source[(at + pair.i) % source.Count], pair.slice));
        Assert.Equal(0, viewer.LostPackets);
        Assert.All(await _node.Hub.SnapshotAsync(), feed => Assert.Null(feed.RelayProcessId));
        await viewer.AssertDecodesAsync();
    }

    [Fact]
    public async Task A_password_is_proven_by_digest_and_a_wrong_one_is_not_repeated()
    {
        await _node.StartAsync("good", $"rtsp://{SimulatorProcess.User}:{SimulatorProcess.Password}@{simulator.GuardedAuthority}/cam/1");
        _node.WaitFor("good", FeedState.Live);
        await _node.StartAsync("bad", $"rtsp://{SimulatorProcess.User}:wrong@{simulator.GuardedAuthority}/cam/1");
        Assert.Equal("401 unauthorized: wrong user name or password", _node.WaitFor("bad", FeedState.Reconnecting));
        await _node.StartAsync("none", $"rtsp://{simulator.GuardedAuthority}/cam/1");
        Assert.Equal("401 unauthorized: wrong user name or password", _node.WaitFor("none", FeedState.Reconnecting));
    }

    [Fact]
    public async Task A_camera_that_cuts_the_connection_comes_back_and_the_viewer_goes_on()
    {
        await _node.StartAsync("c", $"{simulator.Url}/cut/2");
        var viewer = _node.View("c", 1);
        _node.WaitFor("c", FeedState.Live);
        Assert.Equal("the camera closed the connection", _node.WaitFor("c", FeedState.Reconnecting));
        _node.WaitFor("c", FeedState.Live);
        var before = viewer.PictureCount;
        await FeedNode.UntilAsync(() => viewer.PictureCount > before + 25, "a second of pictures");
        Assert.All(viewer.Timestamps.Zip(viewer.Timestamps.Skip(1)), pair => Assert.True((int)(pair.Second - pair.First) > 0));
        Assert.Equal(0, viewer.LostPackets);
        await viewer.AssertDecodesAsync();
    }

    [Fact]
    public async Task A_camera_that_stalls_is_noticed_by_its_silence()
    {
        await _node.StartAsync("c", $"{simulator.Url}/stall/2");
        _node.WaitFor("c", FeedState.Live);
        Assert.Equal("no packets for 10 s", _node.WaitFor("c", FeedState.Reconnecting));
    }

    [Fact]
    public async Task A_camera_with_reordered_pictures_is_handed_to_ffmpeg()
    {
        await _node.StartAsync("b", $"{simulator.Url}/bframes/1");
        var viewer = _node.View("b", 0);
        while (_node.WaitFor("b", FeedState.Reconnecting) != "converting to H.264 for browsers")
        {
        }

        _node.WaitFor("b", FeedState.Live);
        var before = viewer.PictureCount;
        await FeedNode.UntilAsync(() => viewer.PictureCount > before + 30, "converted pictures");
        Assert.DoesNotContain(viewer.Pictures.Skip(before), picture => picture.Any(nalUnit => NalUnit.IsBSlice(nalUnit)));
        Assert.NotEqual(0, await _node.ProcessOfAsync("b"));
    }

    [Fact]
    public async Task Every_unusual_camera_is_shown_without_a_process_or_says_why_not()
    {
        string[] shown = ["garbage", "large", "badsdp", "longgop", "h265"];
        await _node.StartAsync("nosets", $"{simulator.Url}/nosets/1");
        var viewers = new List<DumpingViewer>();
        foreach (var kind in shown)
        {
            await _node.StartAsync(kind, $"{simulator.Url}/{kind}/1");
            viewers.Add(_node.View(kind, viewers.Count % 2, showsH265: true));
        }

        await FeedNode.UntilAsync(() => viewers.All(viewer => viewer.PictureCount >= 50), () => Task.FromResult(string.Join(", ", viewers.Select(viewer => viewer.PictureCount))));
        foreach (var viewer in viewers)
        {
            Assert.Equal(0, viewer.LostPackets);
            await viewer.AssertDecodesAsync();
        }

        Assert.All(await _node.Hub.SnapshotAsync(), feed => Assert.Null(feed.RelayProcessId));
        Assert.Equal("the camera sends no parameter sets", _node.WaitFor("nosets", FeedState.Reconnecting));
    }

    [Fact]
    public async Task A_host_name_is_looked_up_and_an_unknown_one_is_named()
    {
        await _node.StartAsync("named", $"{simulator.Url.Replace("127.0.0.1", "localhost", StringComparison.Ordinal)}/cam/1");
        _node.WaitFor("named", FeedState.Live);
        await _node.StartAsync("unknown", "rtsp://no-such-host.invalid/cam/1");
        Assert.Equal("host name unknown", _node.WaitFor("unknown", FeedState.Reconnecting));
    }

    [Fact]
    public async Task A_hundred_openings_and_closings_leave_no_descriptor_behind()
    {
        await OpenAndCloseAsync();
        var before = Directory.GetFiles("/proc/self/fd").Length;
        for (var i = 0; i < 100; i++)
        {
            await OpenAndCloseAsync();
        }

        await FeedNode.UntilAsync(() => Directory.GetFiles("/proc/self/fd").Length <= before + 8, "the descriptors' return");
        Assert.Empty(await _node.Hub.SnapshotAsync());
    }

    private async Task OpenAndCloseAsync()
    {
        await _node.StartAsync("o", $"{simulator.Url}/cam/3");
        _node.WaitFor("o", FeedState.Live);
        await _node.Hub.StopAsync("o");
        await FeedNode.UntilAsync(async () => (await _node.Hub.SnapshotAsync()).Count == 0, "the feed's end");
    }

    private static async Task<List<byte[]>> SlicesOfClipAsync(int number)
    {
        var stream = await File.ReadAllBytesAsync(Directory.GetFiles(SimulatorProcess.ClipFolder, $"*Plain-{number}-*.h264").Single());
        var slices = new List<byte[]>();
        ReadOnlySpan<byte> rest = stream;
        while (AnnexB.TryReadNext(ref rest, out var nalUnit))
        {
            if (NalUnit.IsSlice(NalUnit.TypeOf(nalUnit[0])))
            {
                slices.Add(nalUnit.ToArray());
            }
        }

        return slices;
    }
}
