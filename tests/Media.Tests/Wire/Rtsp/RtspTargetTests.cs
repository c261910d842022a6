using Comms.Media.Wire.Rtsp;
using Xunit;

namespace Comms.Media.Tests.Wire.Rtsp;

public sealed class RtspTargetTests
{
    [Theory]
    [InlineData("rtsp://h/1", "h", 554, "rtsp://h/1", null)]
    [InlineData("rtsp://h:8554/a?b=c", "h", 8554, "rtsp://h:8554/a?b=c", null)]
    [InlineData("rtsp://u:p%40%3A%2F@10.0.0.1:1/x", "10.0.0.1", 1, "rtsp://10.0.0.1:1/x", "u:p@:/")]
    [InlineData("rtsp://u@h", "h", 554, "rtsp://h", "u:")]
    [InlineData("RTSP://[::1]:5/x", "::1", 5, "rtsp://[::1]:5/x", null)]
    [InlineData("rtsp://[fe80::1]/x", "fe80::1", 554, "rtsp://[fe80::1]/x", null)]
    public void A_url_is_taken_apart(string url, string host, int port, string uri, string? credentials)
    {
        Assert.True(RtspTarget.TryParse(url, out var target));
        Assert.Equal((host, port, uri), (target.Host, target.Port, target.Uri));
        Assert.Equal(credentials, target.Credentials is { } account ? $"{account.User}:{account.Password}" : null);
        Assert.DoesNotContain("@", target.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://h/1")]
    [InlineData("rtsp://")]
    [InlineData("rtsp:///x")]
    [InlineData("rtsp://h:0/x")]
    [InlineData("rtsp://h:70000/x")]
    [InlineData("rtsp://h:x/x")]
    public void What_names_no_place_is_refused(string url) => Assert.False(RtspTarget.TryParse(url, out _));

    [Theory]
    [InlineData("rtsp://cam:5/a/b", "track1", "rtsp://cam:5/a/b/track1")]
    [InlineData("rtsp://cam:5/a/b/", "track1", "rtsp://cam:5/a/b/track1")]
    [InlineData("rtsp://cam:5/a/b/", "/track1", "rtsp://cam:5/a/b/track1")]
    [InlineData("rtsp://192.168.1.2:554/inner/", "track1", "rtsp://cam:5/inner/track1")]
    [InlineData("rtsp://cam:5/a", "rtsp://192.168.1.2/a/t=0", "rtsp://cam:5/a/t=0")]
    [InlineData("rtsp://cam:5/a/", "*", "rtsp://cam:5/a/")]
    [InlineData("/a/", "t", "rtsp://cam:5/x/t")]
    public void A_control_is_asked_of_the_host_that_is_connected(string baseUri, string control, string uri)
    {
        Assert.True(RtspTarget.TryParse("rtsp://u:p@cam:5/x", out var target));
        Assert.Equal(uri, target.Resolve(baseUri, control));
    }

    [Fact]
    public void A_redirection_to_another_host_takes_no_password_along()
    {
        Assert.True(RtspTarget.TryParse("rtsp://u:p@cam/x", out var target));
        Assert.True(target.TryRedirect("rtsp://cam:9/y", out var same));
        Assert.NotNull(same.Credentials);
        Assert.True(target.TryRedirect("rtsp://evil/y", out var other));
        Assert.Null(other.Credentials);
        Assert.False(target.TryRedirect("file:///etc/passwd", out _));
    }
}
