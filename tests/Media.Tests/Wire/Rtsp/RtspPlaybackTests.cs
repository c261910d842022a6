using System.Text;
using Comms.Media.Wire.Rtsp;
using Xunit;

namespace Comms.Media.Tests.Wire.Rtsp;

public sealed class RtspPlaybackTests : IRtspStreamDirectory
{
    private readonly RtspPlayback _playback;
    private readonly RtspServerSession _session;

    public RtspPlaybackTests()
    {
        _playback = new RtspPlayback(this, "nonce1", null);
        _session = new RtspServerSession(_playback, default);
    }

    public string? Describe(string path) => path == "/cam/1" ? "v=0\r\n" : null;

    [Fact]
    public void A_player_describes_sets_up_and_plays()
    {
        var described = Ask(_session, "DESCRIBE", "rtsp://h/cam/1", "");
        Assert.Contains("Content-Base: rtsp://h/cam/1/", described, StringComparison.Ordinal);
        Assert.EndsWith("Content-Length: 5\r\n\r\nv=0\r\n", described, StringComparison.Ordinal);
        Assert.Contains("interleaved=2-3", Ask(_session, "SETUP", "rtsp://h/cam/1/track0", "Transport: RTP/AVP/TCP;unicast;interleaved=2-3\r\n"), StringComparison.Ordinal);
        Assert.False(_playback.IsPlaying);
        Ask(_session, "PLAY", "rtsp://h/cam/1/", "Session: nonce1\r\n");
        Assert.True(_playback.IsPlaying);
        Assert.Equal((2, 3, "/cam/1"), (_playback.RtpChannel, _playback.RtcpChannel, _playback.Path));
        Ask(_session, "TEARDOWN", "rtsp://h/cam/1/", "Session: nonce1\r\n");
        Assert.True(_playback.IsEnded);
    }

    [Fact]
    public void An_unknown_path_is_not_found() =>
        Assert.StartsWith("RTSP/1.0 404", Ask(_session, "DESCRIBE", "rtsp://h/cam/2", ""), StringComparison.Ordinal);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_digest_lets_the_right_password_in_only(bool isSha256)
    {
        var credentials = new RtspCredentials("admin", "p@ss:word");
        var session = new RtspServerSession(new RtspPlayback(this, "nonce1", credentials), default);
        var refused = Ask(session, "DESCRIBE", "rtsp://h/cam/1", "");
        Assert.StartsWith("RTSP/1.0 401", refused, StringComparison.Ordinal);
        Assert.Contains("realm=\"camera\", nonce=\"nonce1\"", refused, StringComparison.Ordinal);

        string Header(RtspCredentials tried)
        {
            var response = RtspDigest.Compute(tried, "camera", "nonce1", "DESCRIBE", "rtsp://h/cam/1", isSha256);
            var algorithm = isSha256 ? "SHA-256" : "MD5";
            return $"Authorization: Digest username=\"{tried.User}\", realm=\"camera\", nonce=\"nonce1\", uri=\"rtsp://h/cam/1\", algorithm={algorithm}, response=\"{response}\"\r\n";
        }

        Assert.StartsWith("RTSP/1.0 401", Ask(session, "DESCRIBE", "rtsp://h/cam/1", Header(credentials with { Password = "x" })), StringComparison.Ordinal);
        Assert.StartsWith("RTSP/1.0 200", Ask(session, "DESCRIBE", "rtsp://h/cam/1", Header(credentials)), StringComparison.Ordinal);
    }

    [Fact]
    public void The_digest_of_rfc_2617_is_reproduced_without_qop()
    {
        // RFC 2069's corrected example: the scheme without qop.
        var response = RtspDigest.Compute(
            new RtspCredentials("Mufasa", "CircleOfLife"), "testrealm@host.com", "dcd98b7102dd2f0e8b11d0f600bfb0c093", "GET", "/dir/index.html", false);
        Assert.Equal("1949323746fe6a43ef61f9606e7febea", response);
    }

    private static string Ask(RtspServerSession session, string method, string uri, string headers)
    {
        session.HandleReceived(Encoding.ASCII.GetBytes($"{method} {uri} RTSP/1.0\r\nCSeq: 1\r\n{headers}\r\n"), default);
        Assert.True(session.TryPollTransmit(out var bytes));
        return Encoding.ASCII.GetString(bytes);
    }
}
