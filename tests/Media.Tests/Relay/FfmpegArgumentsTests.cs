using Comms.Media.Relay;
using Xunit;

namespace Comms.Media.Tests.Relay;

public sealed class FfmpegArgumentsTests
{
    private const string Ingest = "rtsp://127.0.0.1:40000/ingest/token";

    [Fact]
    public void A_camera_is_copied_with_quick_probing()
    {
        Assert.Equal(
            "-hide_banner -nostdin -loglevel error -protocol_whitelist rtsp,rtp,tcp,udp -flags low_delay"
            + " -rtsp_flags prefer_tcp -timeout 5000000 -probesize 32768 -analyzeduration 1 -fpsprobesize 0 -i rtsp://u:p@h/1?x=$(id);&y"
            + " -map 0:v:0 -an -c:v copy -f rtsp -rtsp_transport tcp -muxdelay 0 " + Ingest,
            string.Join(' ', Build("rtsp://u:p@h/1?x=$(id);&y", RelayMode.Copy)));
    }

    [Fact]
    public void What_browsers_cannot_show_is_converted_with_low_delay()
    {
        var arguments = string.Join(' ', Build("rtsp://h/1", RelayMode.Transcode));
        Assert.Contains("-c:v libx264 -preset ultrafast -tune zerolatency -profile:v baseline -pix_fmt yuv420p", arguments, StringComparison.Ordinal);
        Assert.Contains("-g 50", arguments, StringComparison.Ordinal);
        Assert.DoesNotContain("copy", arguments, StringComparison.Ordinal);
        Assert.Equal(2, arguments.Split("-threads 3").Length - 1);
    }

    [Theory]
    [InlineData("rtsp://h/INPUT")]
    [InlineData("http://h/OUTPUT.m3u8")]
    [InlineData("srt://h:9?mode=caller")]
    public void The_url_is_one_argument_behind_its_option(string url)
    {
        var arguments = Build(url, RelayMode.Copy);
        Assert.Equal(url, arguments[arguments.ToList().IndexOf("-i") + 1]);
        Assert.Equal(Ingest, arguments[^1]);
        Assert.Single(arguments, argument => argument == url);
    }

    [Theory]
    [InlineData("rtsp://h/1")]
    [InlineData("https://h/1")]
    [InlineData("rtmps://h/1")]
    [InlineData("srt://h:1")]
    public void No_source_may_open_local_files(string url)
    {
        var arguments = Build(url, RelayMode.Copy).ToList();
        var protocols = arguments[arguments.IndexOf("-protocol_whitelist") + 1].Split(',');
        Assert.DoesNotContain("file", protocols);
        Assert.DoesNotContain("concat", protocols);
        Assert.DoesNotContain("pipe", protocols);
        Assert.True(arguments.IndexOf("-protocol_whitelist") < arguments.IndexOf("-i"));
    }

    private static IReadOnlyList<string> Build(string url, RelayMode mode)
    {
        Assert.True(FeedUrl.TryParse(url, out var source, out var reason), reason);
        return FfmpegArguments.Build(source, mode, Ingest, transcodeThreads: 3);
    }
}
