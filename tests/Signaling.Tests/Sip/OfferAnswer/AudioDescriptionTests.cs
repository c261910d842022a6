using System.Net;
using System.Text;
using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Signaling.Sip.OfferAnswer;
using Xunit;

namespace Comms.Signaling.Tests.Sip.OfferAnswer;

public sealed class AudioDescriptionTests
{
    private const string Offer = """
        v=0
        o=gw 1 1 IN IP4 192.0.2.77
        s=-
        c=IN IP4 192.0.2.77
        t=0 0
        m=audio 40000 RTP/AVP 18 8 0 96
        a=rtpmap:18 G729/8000
        a=rtpmap:96 telephone-event/8000
        a=fmtp:96 0-15
        a=ptime:20
        m=video 40002 RTP/AVP 34
        """;

    private static readonly RtpLegTransport Leg = new(
        new SessionId(1), new IPEndPoint(IPAddress.Parse("192.0.2.1"), 30_000), new IPEndPoint(IPAddress.Parse("192.0.2.1"), 30_001));

    [Fact]
    public void The_first_known_codec_in_the_peers_order_is_taken()
    {
        var peer = Read(Offer);
        Assert.Equal(RtpLegCodec.Pcma, peer.Codec);
        Assert.Equal(96, peer.TelephoneEventPayloadType);
        Assert.Equal(new IPEndPoint(IPAddress.Parse("192.0.2.77"), 40_000), peer.Remote);
        Assert.True(peer.MaySend && peer.MayReceive);
        Assert.Equal(20, peer.PtimeMs);
        Assert.Equal(RtpLegCodec.Pcmu, Read(Offer.Replace("18 8 0", "0 8", StringComparison.Ordinal)).Codec);
    }

    [Theory]
    [InlineData("a=sendonly", false, true, "a=recvonly")]
    [InlineData("a=recvonly", true, false, "a=sendonly")]
    [InlineData("a=inactive", false, false, "a=inactive")]
    [InlineData("a=sendrecv", true, true, "a=sendrecv")]
    public void Hold_and_directions_are_answered_turned_round(string offered, bool maySend, bool mayReceive, string answered)
    {
        var peer = Read(Offer.Replace("a=ptime:20", offered, StringComparison.Ordinal));
        Assert.Equal(maySend, peer.MaySend);
        Assert.Equal(mayReceive, peer.MayReceive);
        Assert.Contains(answered, Text(new LocalAudio(Leg, 7).Answer(peer)), StringComparison.Ordinal);
    }

    [Fact]
    public void Hold_by_a_zero_address_stops_our_sending()
    {
        var peer = Read(Offer.Replace("c=IN IP4 192.0.2.77", "c=IN IP4 0.0.0.0", StringComparison.Ordinal));
        Assert.False(peer.MaySend);
        Assert.Equal(0, peer.Remote.Port);
    }

    [Theory]
    [InlineData("m=audio 40000 RTP/AVP 18 8 0 96", "m=audio 40000 RTP/AVP 18 96", AudioRefusal.NoCodec)]
    [InlineData("m=audio 40000 RTP/AVP", "m=audio 0 RTP/AVP", AudioRefusal.NoAudio)]
    [InlineData("m=audio 40000 RTP/AVP", "m=audio 40000 RTP/SAVP", AudioRefusal.NoAudio)]
    [InlineData("c=IN IP4 192.0.2.77", "c=IN IP4 phone.example", AudioRefusal.NoAddress)]
    [InlineData("v=0", "hello", AudioRefusal.Malformed)]
    public void What_gives_no_voice_path_has_its_reason(string good, string bad, AudioRefusal expected) =>
        Assert.Equal(expected, AudioDescription.TryRead(Encoding.ASCII.GetBytes(Offer.Replace(good, bad, StringComparison.Ordinal)), out _));

    [Fact]
    public void The_answer_names_one_codec_and_refuses_other_sections()
    {
        var answer = Text(new LocalAudio(Leg, 7).Answer(Read(Offer)));
        Assert.Equal("""
            v=0
            o=- 7 1 IN IP4 192.0.2.1
            s=-
            c=IN IP4 192.0.2.1
            t=0 0
            m=audio 30000 RTP/AVP 8 96
            a=rtpmap:8 PCMA/8000
            a=rtpmap:96 telephone-event/8000
            a=fmtp:96 0-15
            a=ptime:20
            a=sendrecv
            m=video 0 RTP/AVP 34

            """.ReplaceLineEndings("\r\n"), answer);
    }

    [Fact]
    public void The_origin_counts_its_version_up_and_an_offer_of_ours_has_both_codecs()
    {
        var local = new LocalAudio(Leg, 7);
        local.Answer(Read(Offer));
        var offer = Text(local.Offer());
        Assert.Contains("o=- 7 2 IN IP4 192.0.2.1", offer, StringComparison.Ordinal);
        Assert.Contains("m=audio 30000 RTP/AVP 8 0 101", offer, StringComparison.Ordinal);
        Assert.Equal(RtpLegCodec.Pcma, Read(offer).Codec);
    }

    private static AudioDescription Read(string text)
    {
        Assert.Equal(AudioRefusal.None, AudioDescription.TryRead(Encoding.ASCII.GetBytes(text), out var peer));
        return peer!;
    }

    private static string Text(byte[] sdp) => Encoding.ASCII.GetString(sdp);
}
