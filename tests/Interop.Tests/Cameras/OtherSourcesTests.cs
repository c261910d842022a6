using Comms.Media.Node;
using Comms.Media.Wire.H264;
using Comms.Support;
using Xunit;

namespace Comms.Interop.Tests.Cameras;

/// <summary>Sources other than RTSP, each played by a stranger's program and shown to a viewer as H.264.</summary>
public sealed class OtherSourcesTests : IDisposable
{
    private readonly FeedNode _node = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("comms-stream-");

    public void Dispose()
    {
        _node.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task An_rtmp_source_is_shown()
    {
        var at = StreamSource.FreeEndPoint();
        var url = $"rtmp://{at}/live/cam";
        using var source = StreamSource.StartH264("-f", "flv", "-listen", "1", url);
        await AssertShownAsync(url);
    }

    [Theory]
    [InlineData("live.flv")]
    [InlineData("live.ts")]
    public async Task A_stream_over_http_is_shown(string name)
    {
        await using var server = await StreamServer.StartAsync(_folder.FullName);
        await AssertShownAsync($"{server.Url}/{name}");
    }

    [Fact]
    public async Task An_hls_source_is_shown()
    {
        using var source = StreamSource.StartH264In(_folder.FullName, "-f", "hls", "-hls_time", "1", "-hls_list_size", "4", "-hls_flags", "delete_segments", "live.m3u8");
        await Eventually.TrueAsync(() => File.Exists(Path.Combine(_folder.FullName, "live.m3u8")), "a playlist");
        await using var server = await StreamServer.StartAsync(_folder.FullName);
        await AssertShownAsync($"{server.Url}/live.m3u8");
    }

    [Fact]
    public async Task An_srt_source_is_shown()
    {
        var at = StreamSource.FreeEndPoint(System.Net.Sockets.ProtocolType.Udp);
        using var source = StreamSource.StartH264("-f", "mpegts", $"srt://{at}?mode=listener");
        await AssertShownAsync($"srt://{at}");
    }

    [Fact]
    public async Task An_h265_source_is_shown_as_h264()
    {
        await using var server = await StreamServer.StartAsync(_folder.FullName);
        await AssertShownAsync($"{server.Url}/hevc.ts");
    }

    [Theory]
    [InlineData("file://FILE")]
    [InlineData("concat:FILE|FILE")]
    [InlineData("subfile,,start,0,end,0,,:FILE")]
    [InlineData("data:video/mp2t;base64,DATA#.ts")]
    [InlineData("unix:FILE")]
    public async Task A_playlist_cannot_make_the_relay_open_anything_but_the_network(string segment)
    {
        var clip = Path.Combine(_folder.FullName, "secret.ts");
        await Tool.RunAsync("ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc2=s=320x240:r=10:d=2", "-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", clip);
        segment = segment.Replace("FILE", clip, StringComparison.Ordinal).Replace("DATA", Convert.ToBase64String(await File.ReadAllBytesAsync(clip)), StringComparison.Ordinal);
        await File.WriteAllTextAsync(
            Path.Combine(_folder.FullName, "evil.m3u8"),
            $"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{segment}\n#EXT-X-ENDLIST\n");
        await using var server = await StreamServer.StartAsync(_folder.FullName);
        await _node.StartAsync("evil", $"{server.Url}/evil.m3u8");
        Assert.NotEqual("the source ended", _node.WaitFor("evil", FeedState.Reconnecting));
        Assert.Equal(0, (await _node.Hub.SnapshotAsync()).Single().PacketsReceived);
    }

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("concat:rtsp://127.0.0.1/a")]
    [InlineData("data:video/mp4;base64,AAAA")]
    [InlineData("pipe:0")]
    [InlineData("subfile,,start,0,end,9,,:/etc/passwd")]
    [InlineData("async:http://127.0.0.1/a")]
    [InlineData("crypto+http://127.0.0.1/a")]
    [InlineData("unix:/run/a.sock")]
    [InlineData("tcp://127.0.0.1:1")]
    [InlineData("udp://127.0.0.1:1")]
    [InlineData("tee:a")]
    public async Task Another_protocol_is_refused_before_any_process(string url)
    {
        Assert.False(await _node.StartAsync("x", url));
        Assert.Empty(await _node.Hub.SnapshotAsync());
    }

    /// <summary>A second of pictures reaches a viewer, in order, beginning at a key frame with its parameter sets, and ffmpeg decodes them all.</summary>
    private async Task AssertShownAsync(string url)
    {
        Assert.True(await _node.StartAsync("s", url));
        var viewer = _node.View("s", 1);
        await FeedNode.UntilAsync(() => viewer.PictureCount >= 20, () => Describe(url));
        Assert.Equal(NalUnitType.Sps, NalUnit.TypeOf(viewer.Pictures[0][0][0]));
        Assert.All(viewer.Timestamps.Zip(viewer.Timestamps.Skip(1)), pair => Assert.True((int)(pair.Second - pair.First) > 0));
        Assert.Equal(0, viewer.LostPackets);
        await viewer.AssertDecodesAsync();
    }

    private async Task<string> Describe(string url)
    {
        var feeds = await _node.Hub.SnapshotAsync();
        return $"20 pictures of {url}: {string.Join("; ", feeds.Select(feed => $"{feed.State} {feed.Reason} {feed.PacketsReceived} {string.Join(" / ", feed.RelayErrors)}"))}";
    }
}
