using System.Text;
using Comms.Media.Wire.Sdp;
using Comms.Support;
using Xunit;

namespace Comms.Media.Tests.Wire.Sdp;

/// <summary>Reading and writing descriptions of browsers, phones and cameras, and refusing hostile ones.</summary>
public sealed class SdpParserTests
{
    [Fact]
    public void A_browsers_offer_is_read()
    {
        var session = Parse(SdpSamples.ChromiumPhone);
        Assert.Equal(4, session.Media.Count);
        Assert.Equal(["0", "1", "2", "3"], session.Groups("BUNDLE").Single().Mids);
        var first = session.Media[0];
        Assert.Equal("audio", first.Kind);
        Assert.Equal(9, first.Port);
        Assert.Equal("UDP/TLS/RTP/SAVPF", first.Protocol);
        Assert.Equal("0", first.Mid);
        Assert.True(first.IsRtcpMux);
        Assert.Equal(SdpDirection.SendRecv, session.DirectionOf(first));
        Assert.Equal(SdpDirection.RecvOnly, session.DirectionOf(session.Media[1]));
        var opus = first.RtpMaps().Single(map => map.Is("opus", 48000));
        Assert.Equal(new SdpRtpMap(111, "opus", 48000, 2), opus);
        Assert.Equal("1", first.FormatParameters(111)["useinbandfec"]);
        Assert.True(first.OffersFeedback(111, "transport-cc"));
        Assert.False(first.OffersFeedback(111, "nack"));
        Assert.Equal(new uint[] { 1150226624 }, first.Ssrcs());
        Assert.Equal("nxIuVI63NhzKcylulD9aXXJH", session.Value(first, "ice-pwd"));
        var fingerprint = session.FingerprintsOf(first).Single();
        Assert.Equal("sha-256", fingerprint.Algorithm);
        Assert.Equal(32, fingerprint.Hash.Length);
        Assert.Equal(0xD8, fingerprint.Hash[0]);
    }

    [Fact]
    public void A_phones_offer_uses_static_payload_types_and_session_values()
    {
        var session = Parse(SdpSamples.SipPhone);
        var audio = session.Media[0];
        Assert.Equal(new SdpConnection(false, "192.0.2.10"), session.ConnectionOf(audio));
        Assert.Equal(["PCMU", "PCMA", "iLBC", "telephone-event"], audio.RtpMaps().Select(map => map.Encoding));
        Assert.Equal(20, audio.PtimeMs);
        Assert.Equal("0-16", audio.FormatParameters(101).Text);
        Assert.Equal(new SdpBandwidth("AS", 84), audio.Bandwidths.Single());
        Assert.Equal("alice", session.Origin.Username);
        Assert.True(session.Media[1].IsRejected);
    }

    [Fact]
    public void A_cameras_description_is_read()
    {
        var video = Parse(SdpSamples.RtspCamera).Media[0];
        Assert.Equal("rtsp://192.0.2.20:554/Streaming/Channels/101/trackID=1", video.Value("control"));
        var parameters = video.FormatParameters(96);
        Assert.Equal("1", parameters["packetization-mode"]);
        Assert.Equal("Z00AKpWoHgCJ+WEAAAMAAQAAAwAyhA==,aO48gA==", parameters["sprop-parameter-sets"]);
    }

    [Fact]
    public void What_was_read_is_written_back_with_the_same_meaning()
    {
        foreach (string sample in SdpSamples.All)
        {
            string written = Parse(sample).ToString();
            Assert.Equal(written, Parse(written).ToString());
            Assert.Equal(Lines(sample).Where(line => line[0] is 'm' or 'a' or 'c'), Lines(written).Where(line => line[0] is 'm' or 'a' or 'c'));
        }
    }

    [Theory]
    [InlineData("", SdpError.NotSdp)]
    [InlineData("hello", SdpError.NotSdp)]
    [InlineData("v=1\r\n", SdpError.NotSdp)]
    [InlineData("v=0\r\nm=audio\r\n", SdpError.BadMediaLine)]
    [InlineData("v=0\r\nm=audio 70000 RTP/AVP 0\r\n", SdpError.BadMediaLine)]
    [InlineData("v=0\r\nm=audio -1 RTP/AVP 0\r\n", SdpError.BadMediaLine)]
    [InlineData("v=0\r\nm=audio 1/0 RTP/AVP 0\r\n", SdpError.BadMediaLine)]
    [InlineData("v=0\r\nc=IN IP7 1.2.3.4\r\n", SdpError.BadConnectionLine)]
    [InlineData("v=0\r\nc=\r\n", SdpError.BadConnectionLine)]
    public void A_wrong_description_is_refused_with_the_reason(string text, SdpError expected)
    {
        Assert.False(SdpParser.TryParse(text, out _, out var error));
        Assert.Equal(expected, error);
    }

    [Fact]
    public void Oversized_descriptions_are_refused_with_the_reason()
    {
        AssertError("v=0\r\na=" + new string('x', SdpParser.MaxLineChars), SdpError.LineTooLong);
        AssertError("v=0\r\n" + string.Concat(Enumerable.Repeat("a=x\r\n", SdpParser.MaxLines)), SdpError.TooManyLines);
        AssertError("v=0\r\n" + string.Concat(Enumerable.Repeat("m=audio 9 RTP/AVP 0\r\n", SdpParser.MaxMediaSections + 1)), SdpError.TooManyMediaSections);
        AssertError("v=0\r\n" + new string('x', SdpParser.MaxBytes), SdpError.TooLong);
        Assert.False(SdpParser.TryParse(new byte[SdpParser.MaxBytes + 1], out _, out var error));
        Assert.Equal(SdpError.TooLong, error);
    }

    [Theory]
    [InlineData("v=0\nm=audio 5004 RTP/AVP 8\n")]
    [InlineData("v=0\r\no=broken\r\ns=\r\nt=x\r\nz\r\nk=clear\r\nm=audio 5004 RTP/AVP 8\r\na=rtpmap:x\r\na=fmtp:8\r\na=ssrc:\r\na=fingerprint:sha-256 zz\r\n")]
    public void Small_faults_are_tolerated(string text)
    {
        var session = Parse(text);
        var media = session.Media.Single();
        Assert.Equal("PCMA", media.RtpMaps().Single().Encoding);
        Assert.Empty(media.Ssrcs());
        Assert.Empty(session.FingerprintsOf(media));
        Assert.Equal(SdpFormatParameters.Empty.Text, media.FormatParameters(8).Text);
    }

    [Fact]
    public void A_value_cannot_smuggle_a_line()
    {
        var session = new SdpSession { Attributes = [new SdpAttribute("tool", "x\r\nm=audio 1 RTP/AVP 0")] };
        Assert.Throws<ArgumentException>(() => SdpWriter.Write(session));
    }

    [Fact]
    public void Mutated_descriptions_never_throw()
    {
        byte[][] corpus = [.. SdpSamples.All.Where(sample => sample.Length < 5000).Select(Encoding.UTF8.GetBytes)];
        Fuzz.Run(corpus, 8866, input =>
        {
            if (!SdpParser.TryParse(input, out var session, out _)) return;
            foreach (var media in session.Media)
            {
                _ = session.DirectionOf(media);
                _ = session.FingerprintsOf(media);
                _ = media.Ssrcs();
                _ = media.PtimeMs;
                foreach (var map in media.RtpMaps()) _ = media.FormatParameters(map.PayloadType)["x"];
                _ = media.OffersFeedback(96, "nack");
            }

            _ = session.Groups("BUNDLE").Count();
            _ = SdpWriter.Write(session);
        });
    }

    private static string[] Lines(string text) => text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);

    private static SdpSession Parse(string text)
    {
        Assert.True(SdpParser.TryParse(text, out var session, out var error), error.ToString());
        return session;
    }

    private static void AssertError(string text, SdpError expected)
    {
        Assert.False(SdpParser.TryParse(text, out _, out var error));
        Assert.Equal(expected, error);
    }
}
