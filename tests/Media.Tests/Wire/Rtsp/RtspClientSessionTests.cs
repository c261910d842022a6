using System.Text;
using Comms.Media.Numbers;
using Comms.Media.Wire.Rtsp;
using Comms.Support;
using Xunit;

namespace Comms.Media.Tests.Wire.Rtsp;

public sealed class RtspClientSessionTests
{
    private const string Sdp = "v=0\r\ns=x\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:track0\r\n";

    private readonly Owner _owner = new();
    private RtspClientSession _session;
    private Instant _now = new(1_000_000_000);

    public RtspClientSessionTests() => _session = NewSession();

    [Fact]
    public void A_camera_is_described_set_up_played_and_kept_alive()
    {
        Assert.Equal("DESCRIBE rtsp://h:5/cam", Asked());
        Tell(Described());
        Assert.Equal("SETUP rtsp://h:5/cam/track0", Asked("Transport: RTP/AVP/TCP;unicast;interleaved=0-1"));
        Tell(SetUp(timeoutS: 20));
        Assert.Equal("PLAY rtsp://h:5/cam/", Asked("Session: abc"));
        Tell("RTSP/1.0 200 OK\r\nCSeq: 3\r\n\r\n");
        Assert.True(_session.IsPlaying);
        Tell("$\u0002\0\u0004abcd");
        Assert.Equal(["abcd"], _owner.Packets);
        Assert.Equal(10_000, _session.NextDeadline.MsSince(_now));
        Pass(10_000);
        Assert.Equal("OPTIONS rtsp://h:5/cam/", Asked("Session: abc"));
        Tell("RTSP/1.0 200 OK\r\nCSeq: 4\r\nPublic: DESCRIBE, GET_PARAMETER\r\n\r\n");
        Pass(10_000);
        Assert.Equal("GET_PARAMETER rtsp://h:5/cam/", Asked("Session: abc"));
        Tell("RTSP/1.0 501 Not Implemented\r\nCSeq: 5\r\n\r\n");
        Pass(10_000);
        Assert.Equal("OPTIONS rtsp://h:5/cam/", Asked());
        Assert.False(_session.IsClosed);
        _session.Leave(_now);
        Assert.Equal("TEARDOWN rtsp://h:5/cam/", Asked());
        Assert.Equal(RtspFailure.Left, _session.Failure);
    }

    [Fact]
    public void A_challenge_is_answered_once_and_a_second_one_ends_the_session()
    {
        Asked();
        Tell("RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n\r\n");
        Assert.Equal("DESCRIBE rtsp://h:5/cam", Asked("Authorization: Digest username=\"u\""));
        Tell("RTSP/1.0 401 Unauthorized\r\nCSeq: 2\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n2\"\r\n\r\n");
        Assert.Equal(RtspFailure.Unauthorized, _session.Failure);
        Assert.False(_session.TryPollTransmit(out _));
    }

    [Fact]
    public void A_nonce_that_grows_old_is_renewed_in_the_running_session()
    {
        Asked();
        Tell("RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n\r\n");
        Asked();
        Tell(Described(cSeq: 2));
        Asked();
        Tell("RTSP/1.0 401 Unauthorized\r\nCSeq: 3\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n2\"\r\n\r\n");
        Assert.Equal("SETUP rtsp://h:5/cam/track0", Asked("nonce=\"n2\"", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"));
    }

    [Theory]
    [InlineData("RTSP/1.0 404 Not Found\r\nCSeq: 1\r\n\r\n", RtspFailure.Refused, 404)]
    [InlineData("RTSP/1.0 453 Not Enough Bandwidth\r\nCSeq: 1\r\n\r\n", RtspFailure.Refused, 453)]
    [InlineData("RTSP/1.0 454 Session Not Found\r\nCSeq: 1\r\n\r\n", RtspFailure.Refused, 454)]
    [InlineData("RTSP/1.0 461 Unsupported Transport\r\nCSeq: 1\r\n\r\n", RtspFailure.Refused, 461)]
    [InlineData("RTSP/1.0 302 Found\r\nCSeq: 1\r\nLocation: rtsp://other/x\r\n\r\n", RtspFailure.Redirected, 0)]
    [InlineData("REDIRECT rtsp://h/x RTSP/1.0\r\nCSeq: 9\r\nLocation: rtsp://other/x\r\n\r\n", RtspFailure.Redirected, 0)]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n", RtspFailure.Violation, 0)]
    [InlineData("RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n", RtspFailure.NoSection, 0)]
    [InlineData("RTSP/1.0 200 OK\r\nContent-Length: 99999999\r\n\r\n", RtspFailure.Violation, 0)]
    public void A_refusal_ends_the_session_and_says_why(string answer, RtspFailure failure, int status)
    {
        Asked();
        Tell(answer);
        Assert.Equal((failure, status), (_session.Failure, _session.FailureStatus));
        Assert.Equal(failure == RtspFailure.Redirected ? "rtsp://other/x" : "", _session.Redirection);
        Assert.Equal(Instant.Never, _session.NextDeadline);
    }

    [Fact]
    public void A_server_that_does_not_answer_is_left_after_five_seconds()
    {
        Asked();
        Pass(4_999);
        Assert.False(_session.IsClosed);
        Pass(1);
        Assert.Equal(RtspFailure.TimedOut, _session.Failure);
    }

    [Fact]
    public void A_server_s_own_question_is_answered_and_other_channels_are_passed_over()
    {
        Asked();
        Tell(Described());
        Asked();
        Tell(SetUp());
        Asked();
        Tell("$\u0009\0\u0001xOPTIONS * RTSP/1.0\r\nCSeq: 77\r\n\r\n$\u0003\0\u0001r$\u0002\0\u0001p");
        Assert.True(_session.TryPollTransmit(out var answer));
        Assert.StartsWith("RTSP/1.0 200 OK\r\nCSeq: 77", Encoding.ASCII.GetString(answer), StringComparison.Ordinal);
        Assert.Equal(["p"], _owner.Packets);
        Assert.Equal(1, _session.StrayPackets);
    }

    [Fact]
    public void A_description_without_a_wanted_section_sets_nothing_up()
    {
        Asked();
        _owner.Section = -1;
        Tell(Described());
        Assert.Equal(RtspFailure.NoSection, _session.Failure);
        Assert.False(_session.TryPollTransmit(out _));
    }

    [Theory]
    [InlineData("RTSP/1.0 461 Unsupported Transport\r\nCSeq: 2\r\n\r\n")]
    [InlineData("RTSP/1.0 200 OK\r\nCSeq: 2\r\nSession: abc\r\nTransport: RTP/AVP;unicast;client_port=1-2\r\n\r\n")]
    public void A_server_that_refuses_interleaving_is_asked_for_udp(string answer)
    {
        Asked();
        Tell(Described());
        Asked();
        _owner.Port = 5000;
        Tell(answer);
        Assert.Equal("SETUP rtsp://h:5/cam/track0", Asked("Transport: RTP/AVP;unicast;client_port=5000-5001"));
        Tell("RTSP/1.0 200 OK\r\nCSeq: 3\r\nSession: abc\r\nTransport: RTP/AVP/UDP;unicast;client_port=5000-5001;server_port=7000-7001\r\n\r\n");
        Assert.True(_session.UsesDatagrams);
        Assert.Equal(7000, _owner.ServerPort);
        Assert.Equal("PLAY rtsp://h:5/cam/", Asked("Session: abc"));
    }

    [Fact]
    public void Without_udp_ports_a_server_that_refuses_interleaving_is_left()
    {
        Asked();
        Tell(Described());
        Asked();
        Tell("RTSP/1.0 461 Unsupported Transport\r\nCSeq: 2\r\n\r\n");
        Assert.Equal((RtspFailure.NoTransport, 461), (_session.Failure, _session.FailureStatus));
    }

    [Fact]
    public void Every_way_to_read_a_wrong_content_base_is_tried()
    {
        Asked();
        Tell($"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Base: rtsp://10.0.0.9/live?ch=1\r\nContent-Length: {Sdp.Length}\r\n\r\n{Sdp}");
        Assert.Equal("SETUP rtsp://h:5/live?ch=1/track0", Asked());
        Tell("RTSP/1.0 404 Not Found\r\nCSeq: 2\r\n\r\n");
        Assert.Equal("SETUP rtsp://h:5/cam/track0", Asked());
        Tell("RTSP/1.0 400 Bad Request\r\nCSeq: 3\r\n\r\n");
        Assert.Equal("SETUP rtsp://h:5/live/track0?ch=1", Asked());
        Tell("RTSP/1.0 404 Not Found\r\nCSeq: 4\r\n\r\n");
        Assert.Equal((RtspFailure.Refused, 404), (_session.Failure, _session.FailureStatus));
    }

    [Fact]
    public void The_sound_is_set_up_behind_the_picture_which_goes_on_without_it()
    {
        const string Both = Sdp + "m=audio 0 RTP/AVP 8\r\na=control:track1\r\n";
        foreach (var refusal in new[] { "RTSP/1.0 461 Unsupported Transport", "RTSP/1.0 200 OK\r\nTransport: RTP/AVP/TCP;unicast;interleaved=4-5" })
        {
            _session = NewSession();
            Asked();
            _owner.Audio = 1;
            Tell($"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: {Both.Length}\r\n\r\n{Both}");
            Asked();
            Tell(SetUp());
            Assert.Equal("SETUP rtsp://h:5/cam/track1", Asked("interleaved=2-3"));
            Tell($"{refusal}\r\nCSeq: 3\r\n\r\n");
            Assert.Equal("PLAY rtsp://h:5/cam", Asked());
        }

        Tell("$\u0004\0\u0001s$\u0002\0\u0001v");
        Assert.Equal(["1 s", "v"], _owner.Packets);
    }

    [Theory]
    [InlineData("m=audio 0 RTP/AVP 8\nm=video 0 RTP/AVP 96", "PCMA 8,H264 96")]
    [InlineData("m=video 0 RTP/AVP\r\na=rtpmap:97 H265/90000\r\n", "H265 97")]
    [InlineData("m=video 0 RTP/AVP 35\r\na=rtpmap:98 H264/90000\r\na=fmtp:98 x=1", "H264 98")]
    [InlineData("m=video 0 RTP/AVP 96\r\na=fmtp:96 sprop-sps=AA==;sprop-vps=AA==", "H265 96")]
    [InlineData("s=\r\no=\r\nm=\r\nm=video\r\na=rtpmap:\r\na=rtpmap:x\r\na=rtpmap:300 H264\r\n", " -1, -1")]
    public void A_broken_description_is_read_as_it_was_meant(string sdp, string sections) =>
        Assert.Equal(sections, string.Join(',', RtspSdp.Parse(sdp).Select(section => $"{section.Encoding} {section.PayloadType}")));

    [Fact]
    public void Mutated_answers_throw_nothing_and_keep_no_memory()
    {
        byte[][] corpus =
        [
            Encoding.Latin1.GetBytes(Described()), Encoding.Latin1.GetBytes(SetUp()), Encoding.Latin1.GetBytes("RTSP/1.0 200 OK\r\nCSeq: 3\r\n\r\n$\u0002\0\u0004abcd"),
            Encoding.Latin1.GetBytes("RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"\r\nWWW-Authenticate: Basic realm=\"r\"\r\n\r\n"),
            Encoding.Latin1.GetBytes("OPTIONS * RTSP/1.0\r\nCSeq: 77\r\n\r\n"), Encoding.Latin1.GetBytes("RTSP/1.0 302 Found\r\nCSeq: 1\r\nLocation: rtsp://other/x\r\n\r\n"),
        ];
        var session = NewSession();
        Fuzz.Run(corpus, 7301, input =>
        {
            session.HandleReceived(input, _now);
            session.HandleTimeout(_now);
            while (session.TryPollTransmit(out _))
            {
            }

            if (session.IsClosed)
            {
                _ = RtspTarget.TryParse(session.Redirection, out _);
                _owner.Packets.Clear();
                session = NewSession();
            }
        });
    }

    private static string Described(int cSeq = 1) =>
        $"RTSP/1.0 200 OK\r\nCSeq: {cSeq}\r\nContent-Base: rtsp://10.0.0.9/cam/\r\nContent-Length: {Sdp.Length}\r\n\r\n{Sdp}";

    private static string SetUp(int timeoutS = 60) =>
        $"RTSP/1.0 200 OK\r\nCSeq: 2\r\nTransport: RTP/AVP/TCP;unicast;interleaved=2-3\r\nSession: abc;timeout={timeoutS}\r\n\r\n";

    private RtspClientSession NewSession()
    {
        Assert.True(RtspTarget.TryParse("rtsp://u:p@h:5/cam", out var target));
        return new RtspClientSession(target, _owner, "c0", _now);
    }

    private void Tell(string text) => _session.HandleReceived(Encoding.Latin1.GetBytes(text), _now);

    private void Pass(long milliseconds)
    {
        _now = _now.AddMs(milliseconds);
        _session.HandleTimeout(_now);
    }

    /// <summary>Method and URI of the one request that the session sent now, which holds all of the given texts.</summary>
    private string Asked(params string[] holds)
    {
        Assert.True(_session.TryPollTransmit(out var bytes));
        Assert.False(_session.TryPollTransmit(out _));
        var text = Encoding.ASCII.GetString(bytes);
        Assert.All(holds, part => Assert.Contains(part, text, StringComparison.Ordinal));
        return string.Join(' ', text.Split(' ')[..2]);
    }

    private sealed class Owner : IRtspClientOwner
    {
        public List<string> Packets { get; } = [];

        public int Section { get; set; }

        public int Audio { get; set; } = -1;

        public int Port { get; set; }

        public int ServerPort { get; private set; }

        public RtspSections ChooseSections(IReadOnlyList<RtspSdpMedia> media) => media.Count > 0 ? new RtspSections(Section, Audio) : new RtspSections(-1);

        public void HandleRtp(int track, ReadOnlySpan<byte> packet, Instant now) =>
            Packets.Add((track == 0 ? "" : $"{track} ") + Encoding.Latin1.GetString(packet));

        public void HandleRtcp(int track, ReadOnlySpan<byte> packet, Instant now)
        {
        }

        public int OpenPorts(int track) => Port;

        public void HandleServerPorts(int track, in RtspTransport transport) => ServerPort = transport.ServerPorts.Rtp;
    }
}
