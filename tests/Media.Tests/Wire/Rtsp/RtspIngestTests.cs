using System.Text;
using Comms.Media.Numbers;
using Comms.Media.Wire.Rtsp;
using Comms.Support;
using Xunit;

namespace Comms.Media.Tests.Wire.Rtsp;

public sealed class RtspIngestTests
{
    private const string Sdp = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
        + "a=fmtp:96 packetization-mode=1; sprop-parameter-sets=Z0LAHg==,aMuDyyA=; profile-level-id=42C01E\r\na=control:streamid=0\r\n";

    private readonly Target _target = new();
    private readonly RtspServerSession _session;

    public RtspIngestTests() => _session = new RtspServerSession(new RtspIngest(_target, "abc"), default);

    [Fact]
    public void A_publisher_announces_sets_up_and_records()
    {
        Assert.StartsWith("RTSP/1.0 200 OK\r\nCSeq: 1\r\nPublic: ", Ask("OPTIONS rtsp://h:1/ingest/good RTSP/1.0\r\nCSeq: 1\r\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("RTSP/1.0 200", AskAnnounce("good", Sdp), StringComparison.Ordinal);
        var media = Assert.Single(_target.Media);
        Assert.Equal("H264", media.Encoding);
        Assert.Equal("Z0LAHg==,aMuDyyA=", media.FormatParameter("sprop-parameter-sets"));
        var setUp = Ask("SETUP rtsp://h:1/ingest/good/streamid=0 RTSP/1.0\r\nCSeq: 3\r\nTransport: RTP/AVP/TCP;unicast;interleaved=4-5;mode=record\r\n\r\n");
        Assert.Contains("Transport: RTP/AVP/TCP;unicast;interleaved=4-5;mode=record", setUp, StringComparison.Ordinal);
        Assert.Contains("Session: abc;timeout=60", setUp, StringComparison.Ordinal);
        Assert.StartsWith("RTSP/1.0 200", Ask("RECORD rtsp://h:1/ingest/good RTSP/1.0\r\nCSeq: 4\r\nSession: abc\r\n\r\n"), StringComparison.Ordinal);

        _session.HandleReceived([(byte)'$', 4, 0, 3, 0x80, 96, 7, (byte)'$', 5, 0, 1, 0x80, (byte)'$', 9, 0, 1, 0x80], default);
        Assert.Equal([(0, "806007")], _target.Packets);

        Assert.StartsWith("RTSP/1.0 200", Ask("TEARDOWN rtsp://h:1/ingest/good RTSP/1.0\r\nCSeq: 5\r\n\r\n"), StringComparison.Ordinal);
        Assert.True(_session.IsClosed);
        Assert.Equal("teardown", _target.Gone);
    }

    [Theory]
    [InlineData("bad")]
    [InlineData("")]
    [InlineData("goodgood")]
    public void A_wrong_token_is_not_found(string token)
    {
        Assert.StartsWith("RTSP/1.0 404", AskAnnounce(token, Sdp), StringComparison.Ordinal);
        Assert.StartsWith("RTSP/1.0 455", Ask("RECORD rtsp://h:1/ingest/good RTSP/1.0\r\nCSeq: 4\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void Packets_before_record_go_nowhere()
    {
        AskAnnounce("good", Sdp);
        Ask("SETUP rtsp://h:1/ingest/good/streamid=0 RTSP/1.0\r\nCSeq: 3\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n\r\n");
        _session.HandleReceived([(byte)'$', 0, 0, 1, 0x80], default);
        Assert.Empty(_target.Packets);
    }

    [Fact]
    public void Udp_is_refused_as_transport()
    {
        AskAnnounce("good", Sdp);
        Assert.StartsWith(
            "RTSP/1.0 461",
            Ask("SETUP rtsp://h:1/ingest/good/streamid=0 RTSP/1.0\r\nCSeq: 3\r\nTransport: RTP/AVP;unicast;client_port=5000-5001\r\n\r\n"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_codec_that_the_target_refuses_is_unsupported()
    {
        _target.Accepts = false;
        Assert.StartsWith("RTSP/1.0 415", AskAnnounce("good", Sdp), StringComparison.Ordinal);
    }

    [Fact]
    public void Playing_is_not_offered_to_publishers()
    {
        Assert.StartsWith("RTSP/1.0 501", Ask("DESCRIBE rtsp://h:1/ingest/good RTSP/1.0\r\nCSeq: 1\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_silent_connection_ends_after_twice_the_session_timeout()
    {
        Assert.Equal(120_000, _session.NextDeadline.Milliseconds);
        _session.HandleTimeout(_session.NextDeadline);
        Assert.True(_session.IsClosed);
    }

    [Fact]
    public void Mutated_sessions_never_throw()
    {
        byte[][] corpus =
        [
            Encoding.ASCII.GetBytes(AnnounceOf("good", Sdp)),
            Encoding.ASCII.GetBytes("SETUP rtsp://h:1/ingest/good/streamid=0 RTSP/1.0\r\nCSeq: 3\r\nTransport: RTP/AVP/TCP;interleaved=0-1;mode=record\r\n\r\n"),
            Encoding.ASCII.GetBytes("RECORD rtsp://h:1/ingest/good RTSP/1.0\r\nCSeq: 4\r\n\r\n$\0\0\u0003abc"),
            [(byte)'$', 0, 0, 3, 0x80, 96, 7],
        ];
        var session = new RtspServerSession(new RtspIngest(_target, "abc"), default);
        Fuzz.Run(corpus, 7202, input =>
        {
            session.HandleReceived(input, default);
            while (session.TryPollTransmit(out _))
            {
            }

            if (session.IsClosed)
            {
                session = new RtspServerSession(new RtspIngest(_target, "abc"), default);
                _target.Packets.Clear();
            }
        });
    }

    private static string AnnounceOf(string token, string sdp) =>
        $"ANNOUNCE rtsp://h:1/ingest/{token} RTSP/1.0\r\nCSeq: 2\r\nContent-Type: application/sdp\r\nContent-Length: {sdp.Length}\r\n\r\n{sdp}";

    private string AskAnnounce(string token, string sdp) => Ask(AnnounceOf(token, sdp));

    private string Ask(string request)
    {
        _session.HandleReceived(Encoding.ASCII.GetBytes(request), default);
        Assert.True(_session.TryPollTransmit(out var bytes));
        return Encoding.ASCII.GetString(bytes);
    }

    private sealed class Target : IRtspIngestTarget, IRtspIngestDirectory
    {
        public bool Accepts { get; set; } = true;

        public IReadOnlyList<RtspSdpMedia> Media { get; private set; } = [];

        public List<(int Section, string Hex)> Packets { get; } = [];

        public string? Gone { get; private set; }

        public IRtspIngestTarget? Find(ReadOnlySpan<char> token) => token.SequenceEqual("good") ? this : null;

        public bool TryAnnounce(RtspIngest publisher, IReadOnlyList<RtspSdpMedia> media, Instant now)
        {
            Media = media;
            return Accepts;
        }

        public void HandleRtp(RtspIngest publisher, int section, ReadOnlySpan<byte> packet, Instant now) => Packets.Add((section, Convert.ToHexString(packet)));

        public void HandlePublisherGone(RtspIngest publisher, string reason, Instant now) => Gone = reason;
    }
}
