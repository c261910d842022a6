using Comms.Media.Relay;
using Xunit;

namespace Comms.Media.Tests.Relay;

public sealed class FeedUrlTests
{
    [Theory]
    [InlineData("rtsp://127.0.0.1:8554/cam/1", "rtsp://127.0.0.1:8554/cam/1")]
    [InlineData("rtsp://admin:secret@10.1.2.3/Streaming/Channels/101?transportmode=unicast", "rtsp://10.1.2.3/Streaming/Channels/101")]
    [InlineData("RTSPS://a:b@c:d@camera-7.example:322/x", "rtsps://camera-7.example:322/x")]
    [InlineData("rtsp://user@[2001:db8::7]:554/live", "rtsp://[2001:db8::7]:554/live")]
    [InlineData("http://host/live.m3u8?token=abc", "http://host/live.m3u8")]
    [InlineData("srt://host:9000?mode=caller&passphrase=secretsecret", "srt://host:9000")]
    [InlineData("rtmp://host/app/stream", "rtmp://host/app/stream")]
    public void A_network_url_is_taken_and_shown_without_secrets(string text, string redacted)
    {
        Assert.True(FeedUrl.TryParse(text, out var url, out _));
        Assert.Equal(text, url.Value);
        Assert.Equal(redacted, url.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("-i")]
    [InlineData("-f lavfi")]
    [InlineData("file:///etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("concat:a|b")]
    [InlineData("concat:rtsp://a/b")]
    [InlineData("subfile,,start,0,end,9,,:/etc/passwd")]
    [InlineData("pipe:0")]
    [InlineData("data://text")]
    [InlineData("tcp://127.0.0.1:6379/")]
    [InlineData("udp://239.0.0.1:1234")]
    [InlineData("gopher://host/")]
    [InlineData("rtsp:///nohost")]
    [InlineData("rtsp://")]
    [InlineData("rtsp://host/a b")]
    [InlineData("rtsp://host/a\nb")]
    [InlineData("rtsp://host/a\r\nHeader: x")]
    [InlineData("rtsp://host/\"quoted\"")]
    [InlineData("rtsp://host/'quoted'")]
    [InlineData("rtsp://host/a\\b")]
    [InlineData("rtsp://host/a|b")]
    [InlineData("rtsp://host/`id`")]
    [InlineData("rtsp://höst/")]
    [InlineData(" rtsp://host/")]
    [InlineData("rtsp://-host name/")]
    [InlineData("srt://0.0.0.0:9000?mode=listener")]
    public void Anything_else_is_refused_with_a_reason(string? text)
    {
        Assert.False(FeedUrl.TryParse(text, out _, out var reason));
        Assert.NotEmpty(reason);
        Assert.DoesNotContain("passwd", reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rtsp://admin:secret@10.0.0.1/x: Connection refused", "rtsp://***@10.0.0.1/x: Connection refused")]
    [InlineData("Error opening http://h/p?token=abc: 404", "Error opening http://h/p?***: 404")]
    public void Lines_of_other_programs_lose_their_secrets(string line, string redacted) => Assert.Equal(redacted, FeedUrl.Redact(line));
}
