using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Comms.Media.Node;
using Comms.Media.Wire.H264;
using Comms.Support;
using Xunit;

namespace Comms.Interop.Tests.Cameras;

/// <summary>RTSP cameras taken in by ffmpeg.</summary>
public sealed class RelayTests(SimulatorProcess simulator) : IClassFixture<SimulatorProcess>, IDisposable
{
    private readonly FeedNode _node = new(usesDirectRtsp: false);

    public void Dispose() => _node.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task What_a_viewer_gets_is_the_camera_s_stream_byte_for_byte(int loop)
    {
        Assert.True(await _node.StartAsync("c1", $"{simulator.Url}/cam/1"));
        var viewer = _node.View("c1", loop);
        Assert.Equal("connecting", _node.WaitFor("c1", FeedState.Connecting));
        _node.WaitFor("c1", FeedState.Live);
        await FeedNode.UntilAsync(() => viewer.PictureCount >= 60, "60 pictures");

        var source = SlicesOf(await File.ReadAllBytesAsync(Directory.GetFiles(SimulatorProcess.ClipFolder, "*Plain-1-*.h264").Single()));
        var received = viewer.Pictures.Select(picture => picture[^1]).ToList();
        var at = source.FindIndex(slice => slice.SequenceEqual(received[0]));
        Assert.True(at >= 0);
        Assert.All(received.Select((slice, i) => (slice, i)), pair => Assert.Equal(source[(at + pair.i) % source.Count], pair.slice));
        Assert.Equal(0, viewer.LostPackets);
        Assert.Equal([NalUnitType.Sps, NalUnitType.Pps], viewer.Pictures[0].Take(2).Select(nalUnit => NalUnit.TypeOf(nalUnit[0])));
    }

    [Fact]
    public async Task Viewers_on_two_loops_see_the_same_and_a_late_one_sees_the_cached_picture_at_once()
    {
        await _node.StartAsync("c2", $"{simulator.Url}/cam/2");
        var early = _node.View("c2", 0);
        await FeedNode.UntilAsync(() => early.PictureCount >= 30, "30 pictures");
        var late = Stopwatch.StartNew();
        var viewer = _node.View("c2", 1);
        await FeedNode.UntilAsync(() => viewer.PictureCount >= 1, "a picture");
        Assert.True(late.ElapsedMilliseconds < 1000, $"{late.ElapsedMilliseconds} ms");
        await FeedNode.UntilAsync(() => viewer.PictureCount >= 100, "100 pictures");
        Assert.All(viewer.Timestamps.Zip(viewer.Timestamps.Skip(1)), pair => Assert.True((int)(pair.Second - pair.First) > 0));
        await viewer.AssertDecodesAsync();
        _node.Detach(viewer);
        _node.Detach(early);
        await FeedNode.UntilAsync(async () => (await _node.Hub.SnapshotAsync()).Sum(feed => feed.Viewers) == 0, "no viewers");
        Assert.Single(await _node.Hub.SnapshotAsync());
    }

    [Fact]
    public async Task A_killed_ffmpeg_comes_back_and_the_viewer_goes_on()
    {
        await _node.StartAsync("c3", $"{simulator.Url}/cam/3");
        var viewer = _node.View("c3", 1);
        _node.WaitFor("c3", FeedState.Live);
        var process = await _node.ProcessOfAsync("c3");
        using (var ffmpeg = Process.GetProcessById(process))
        {
            ffmpeg.Kill();
        }

        Assert.Equal("ffmpeg was killed", _node.WaitFor("c3", FeedState.Reconnecting));
        _node.WaitFor("c3", FeedState.Live);
        Assert.NotEqual(process, await _node.ProcessOfAsync("c3"));
        var before = viewer.PictureCount;
        await FeedNode.UntilAsync(() => viewer.PictureCount > before + 25, "a second of pictures");
        Assert.Equal(0, viewer.LostPackets);
        Assert.All(viewer.Timestamps.Zip(viewer.Timestamps.Skip(1)), pair => Assert.True((int)(pair.Second - pair.First) > 0));
        await viewer.AssertDecodesAsync();
    }

    [Fact]
    public async Task Stopping_ends_the_process_and_gives_the_memory_back()
    {
        await _node.StartAsync("c4", $"{simulator.Url}/cam/1");
        _node.WaitFor("c4", FeedState.Live);
        var process = await _node.ProcessOfAsync("c4");
        Assert.True(await _node.Hub.StopAsync("c4"));
        Assert.Equal("stopped", _node.WaitFor("c4", FeedState.Stopped));
        await FeedNode.UntilAsync(() => !IsRunning(process), "the process's end");
        await FeedNode.UntilAsync(async () => (await _node.Hub.SnapshotAsync()).Count == 0, "the feed's end");
        Assert.False(await _node.Hub.StopAsync("c4"));
    }

    [Fact]
    public async Task A_right_password_lets_the_relay_in_and_a_wrong_one_is_named_and_not_repeated()
    {
        await _node.StartAsync("good", $"rtsp://{SimulatorProcess.User}:{SimulatorProcess.Password}@{simulator.GuardedAuthority}/cam/1");
        await _node.StartAsync("bad", $"rtsp://{SimulatorProcess.User}:wrong@{simulator.GuardedAuthority}/cam/1");
        Assert.Equal("401 unauthorized: wrong user name or password", _node.WaitFor("bad", FeedState.Reconnecting));
        Assert.Null((await _node.Hub.SnapshotAsync()).Single(feed => feed.Camera == "bad").RelayProcessId);
    }

    [Fact]
    public async Task A_camera_that_is_not_there_is_told_in_words()
    {
        await _node.StartAsync("gone", $"rtsp://127.0.0.1:{FreePorts.Tcp()}/x");
        Assert.Equal("connection refused", _node.WaitFor("gone", FeedState.Reconnecting));
        await _node.StartAsync("nopath", $"{simulator.Url}/cam/99");
        Assert.Equal("404 not found: no such stream", _node.WaitFor("nopath", FeedState.Reconnecting));
    }

    [Fact]
    public async Task A_camera_with_reordered_pictures_is_converted_for_browsers()
    {
        await _node.StartAsync("b", $"{simulator.Url}/bframes/1");
        var viewer = _node.View("b", 0);
        while (_node.WaitFor("b", FeedState.Reconnecting) != "converting to H.264 for browsers")
        {
        }

        _node.WaitFor("b", FeedState.Live);
        var before = viewer.PictureCount;
        await FeedNode.UntilAsync(() => viewer.PictureCount > before + 30, "converted pictures");
        var converted = viewer.Pictures.Skip(before).ToList();
        Assert.DoesNotContain(converted, picture => picture.Any(nalUnit => NalUnit.IsBSlice(nalUnit)));
        var set = viewer.Pictures.SelectMany(picture => picture).Last(nalUnit => NalUnit.TypeOf(nalUnit[0]) == NalUnitType.Sps);
        Assert.True(SequenceParameterSet.TryParse(set, out var parameters));
        Assert.Equal(66, parameters.ProfileIdc);
    }

    [Theory]
    [InlineData("-i")]
    [InlineData("file:///etc/passwd")]
    [InlineData("concat:a|b")]
    [InlineData("rtsp://127.0.0.1/a\n-f lavfi")]
    [InlineData("rtsp://127.0.0.1/ -y /tmp/x")]
    [InlineData("rtsp://127.0.0.1/\"a\"")]
    public async Task An_address_that_could_mean_something_else_starts_no_process(string url)
    {
        Assert.False(await _node.StartAsync("x", url));
        Assert.NotEqual("stopped", _node.WaitFor("x", FeedState.Stopped));
        Assert.Empty(await _node.Hub.SnapshotAsync());
    }

    [Fact]
    public async Task No_ffmpeg_survives_a_server_that_is_killed()
    {
        string[] arguments =
        [
            Path.Combine(AppContext.BaseDirectory, "Comms.Interop.Tests.dll"), "launch-ffmpeg",
            "-nostdin", "-loglevel", "error", "-rtsp_transport", "tcp", "-i", $"{simulator.Url}/cam/1", "-f", "null", "-",
        ];
        using var host = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })!;
        var line = await host.StandardOutput.ReadLineAsync();
        var ffmpeg = int.Parse(line!, System.Globalization.CultureInfo.InvariantCulture);
        await FeedNode.UntilAsync(() => NameOf(ffmpeg) == "ffmpeg", "ffmpeg in place of its launcher");
        host.Kill();
        await host.WaitForExitAsync();
        await FeedNode.UntilAsync(() => !IsRunning(ffmpeg), "the orphan's end");
    }

    private static List<byte[]> SlicesOf(byte[] stream)
    {
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

    private static bool IsRunning(int process) => NameOf(process) is not null;

    /// <summary>The command name of a process that lives; null for one that is gone or only waits to be reaped.</summary>
    private static string? NameOf(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            var close = stat.LastIndexOf(')');
            return stat[close + 2] == 'Z' ? null : stat[(stat.IndexOf('(', StringComparison.Ordinal) + 1)..close];
        }
        catch (IOException)
        {
            return null;
        }
    }
}
