using System.Net;
using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Media.Wire.Sdp;
using Comms.Signaling.WebRtc;
using Comms.Support;
using Xunit;

namespace Comms.Signaling.Tests.WebRtc;

/// <summary>Offers of a real Chromium negotiated and answered, and the refusals.</summary>
public sealed class OfferAnswerTests
{
    private static readonly MediaNodeDescription Node = new()
    {
        FingerprintSha256 = [.. Enumerable.Range(0, 32).Select(value => (byte)value)],
        Candidates = [new IPEndPoint(IPAddress.Parse("192.0.2.1"), 9000), new IPEndPoint(IPAddress.Parse("2001:db8::1"), 9000)],
        RtpAddress = IPAddress.Loopback,
    };

    private static readonly LocalIceTransport Ice = new(new SessionId(42), "ufragufrag", "passwordpasswordpassword");

    [Fact]
    public void A_phones_offer_becomes_one_talking_and_three_listening_slots()
    {
        var parameters = Negotiate(SdpSamples.ChromiumPhone, OfferKind.Voice).Parameters;
        Assert.Equal("mzxV", parameters.RemoteUfrag);
        Assert.Equal("nxIuVI63NhzKcylulD9aXXJH", parameters.RemotePassword);
        Assert.Equal("sha-256", parameters.FingerprintAlgorithm);
        Assert.Equal(32, parameters.Fingerprint.Length);
        Assert.Equal("unit-7", parameters.Owner);
        Assert.Null(parameters.Video);
        Assert.Equal(["0", "1", "2", "3"], parameters.AudioSlots.Select(slot => slot.Mid));
        Assert.Equal([true, false, false, false], parameters.AudioSlots.Select(slot => slot.MayTalk));
        Assert.Equal([1000u, 1001u, 1002u, 1003u], parameters.AudioSlots.Select(slot => slot.LocalSsrc));
        Assert.Equal(1150226624u, parameters.AudioSlots[0].RemoteSsrc);
        Assert.All(parameters.AudioSlots, slot => Assert.Equal(111, slot.PayloadType));
        Assert.All(parameters.AudioSlots, slot => Assert.Equal(63, slot.RedPayloadType));
        Assert.All(parameters.AudioSlots, slot => Assert.False(slot.Nack));
    }

    [Theory]
    [InlineData("a=fmtp:63 111/111", "a=fmtp:63 9/9")]
    [InlineData("a=rtpmap:63 red/48000/2", "a=rtpmap:63 red/8000")]
    public void Redundancy_over_another_codec_or_clock_is_not_answered(string offered, string instead)
    {
        var answer = Answer(SdpSamples.ChromiumPhone.Replace(offered, instead, StringComparison.Ordinal), OfferKind.Voice);
        Assert.All(answer.Media, media => Assert.Equal(["111"], media.Formats));
    }

    [Fact]
    public void The_answer_declares_one_fixed_source_per_slot_and_no_congestion_feedback()
    {
        var answer = Answer(SdpSamples.ChromiumPhone, OfferKind.Voice);
        Assert.Contains(new SdpAttribute("ice-lite"), answer.Attributes);
        Assert.Equal(["0", "1", "2", "3"], answer.Groups("BUNDLE").Single().Mids);
        Assert.Equal([SdpDirection.SendRecv, SdpDirection.SendOnly, SdpDirection.SendOnly, SdpDirection.SendOnly], answer.Media.Select(answer.DirectionOf));
        for (int slot = 0; slot < 4; slot++)
        {
            var media = answer.Media[slot];
            Assert.Equal("passive", media.Value("setup"));
            Assert.Equal(["111", "63"], media.Formats);
            Assert.Equal("111/111", media.FormatParameters(63).Text);
            Assert.Equal([(uint)(1000 + slot)], media.Ssrcs());
            Assert.Equal("24000", media.FormatParameters(111)["maxaveragebitrate"]);
            Assert.Equal("0", media.FormatParameters(111)["usedtx"]);
            Assert.True(media.IsRtcpMux);
            Assert.Empty(media.Feedback());
            Assert.False(media.Has("extmap"));
            Assert.Equal(Node.FingerprintSha256, answer.FingerprintsOf(media).Single().Hash);
        }

        Assert.Equal(4, answer.Media.Select(media => media.Value("msid")).Distinct().Count());
        string text = answer.ToString();
        Assert.DoesNotContain("transport-cc", text, StringComparison.Ordinal);
        Assert.DoesNotContain("goog-remb", text, StringComparison.Ordinal);
        Assert.DoesNotContain("abs-send-time", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Candidates_stand_in_the_first_section_best_first()
    {
        var answer = Answer(SdpSamples.ChromiumPhone, OfferKind.Voice);
        Assert.Equal(
            ["1 1 udp 2130706431 192.0.2.1 9000 typ host", "2 1 udp 2130706175 2001:db8::1 9000 typ host"],
            answer.Media[0].Values("candidate"));
        Assert.Empty(answer.Media[1].Values("candidate"));
        Assert.Equal("ufragufrag", answer.Media[0].Value("ice-ufrag"));
    }

    [Fact]
    public void Audio_NACK_is_accepted_when_offered()
    {
        string offer = SdpSamples.ChromiumPhone.Replace("a=rtcp-fb:111 transport-cc", "a=rtcp-fb:111 nack\r\na=rtcp-fb:111 transport-cc", StringComparison.Ordinal);
        Assert.All(Negotiate(offer, OfferKind.Voice).Parameters.AudioSlots, slot => Assert.True(slot.Nack));
        Assert.All(Answer(offer, OfferKind.Voice).Media, media => Assert.Equal("nack", media.Feedback().Single().Feedback));
    }

    [Fact]
    public void A_viewers_offer_becomes_H264_with_retransmission()
    {
        var video = Negotiate(SdpSamples.ChromiumWhep, OfferKind.Feed).Parameters.Video!;
        Assert.Equal(116, video.PayloadType);
        Assert.Equal(117, video.RtxPayloadType);
        Assert.Equal(1000u, video.LocalSsrc);
        Assert.Equal(1001u, video.RtxSsrc);
        var media = Answer(SdpSamples.ChromiumWhep, OfferKind.Feed).Media.Single();
        Assert.Equal(["116", "117"], media.Formats);
        Assert.Equal("1", media.FormatParameters(116)["packetization-mode"]);
        Assert.Equal(["nack", "nack pli", "ccm fir"], media.Feedback().Select(feedback => feedback.Feedback));
        Assert.Equal("FID 1000 1001", media.Value("ssrc-group"));
    }

    [Fact]
    public void A_viewers_sound_is_answered_with_every_codec_that_a_camera_may_have()
    {
        var answer = Answer(SdpSamples.ChromiumWhepWithAudio, OfferKind.Feed);
        Assert.Equal(["video", "audio"], answer.Media.Select(media => media.Kind));
        Assert.Equal(["111", "8", "0"], answer.Media[1].Formats);
        Assert.Equal([SdpDirection.SendOnly, SdpDirection.SendOnly], answer.Media.Select(answer.DirectionOf));
        Assert.Equal(answer.Media.Select(media => media.Mid!), answer.Groups("BUNDLE").Single().Mids);
        Assert.Equal(answer.Value(answer.Media[0], "msid")!.Split(' ')[0], answer.Value(answer.Media[1], "msid")!.Split(' ')[0]);
    }

    [Fact]
    public void A_viewer_that_offers_H265_gets_both_codecs_and_their_retransmissions()
    {
        string offer = SdpSamples.ChromiumWhep.Replace("a=rtcp-mux", "a=rtcp-mux\r\na=rtpmap:49 H265/90000\r\na=fmtp:49 level-id=93\r\na=rtpmap:50 rtx/90000\r\na=fmtp:50 apt=49", StringComparison.Ordinal)
            .Replace("UDP/TLS/RTP/SAVPF ", "UDP/TLS/RTP/SAVPF 49 50 ", StringComparison.Ordinal);
        var video = Negotiate(offer, OfferKind.Feed).Parameters.Video!;
        Assert.Equal((49, 50), ((int)video.H265PayloadType, (int)video.H265RtxPayloadType));
        var answer = Answer(offer, OfferKind.Feed);
        Assert.Equal(4, answer.Media[0].Formats.Count);
        Assert.Contains("49", answer.Media[0].Formats);
    }

    [Fact]
    public void Sound_without_a_picture_is_no_offer_for_a_camera()
    {
        Assert.False(OfferAnswer.TryNegotiate(SdpSamples.ChromiumPhone, OfferKind.Feed, 1000, "unit-7", out _, out var refusal));
        Assert.Equal(OfferRefusal.NoCommonCodec, refusal);
    }

    [Fact]
    public void A_section_that_is_only_bundled_is_not_taken_for_rejected()
    {
        string offer = SdpSamples.ChromiumPhone
            .Replace("m=audio 9 ", "m=audio 0 ", StringComparison.Ordinal)
            .Replace("a=mid:", "a=bundle-only\r\na=mid:", StringComparison.Ordinal);
        Assert.Equal(4, Negotiate(offer, OfferKind.Voice).Parameters.AudioSlots.Count);
    }

    [Fact]
    public void Slots_beyond_the_limit_are_rejected()
    {
        string section = SdpSamples.ChromiumPhone[SdpSamples.ChromiumPhone.LastIndexOf("m=audio", StringComparison.Ordinal)..];
        string offer = SdpSamples.ChromiumPhone;
        for (int mid = 4; mid < 12; mid++) offer += section.Replace("a=mid:3", $"a=mid:{mid}", StringComparison.Ordinal);
        offer = offer.Replace("BUNDLE 0 1 2 3", "BUNDLE 0 1 2 3 4 5 6 7 8 9 10 11", StringComparison.Ordinal);
        var negotiated = Negotiate(offer, OfferKind.Voice);
        Assert.Equal(OfferAnswer.MaxAudioSlots, negotiated.Parameters.AudioSlots.Count);
        Assert.Equal(12, negotiated.Sections.Count);
    }

    [Theory]
    [InlineData("a=rtpmap:111 opus/48000/2", "a=rtpmap:111 isac/16000", OfferRefusal.NoCommonCodec)]
    [InlineData("a=group:BUNDLE 0 1 2 3", "a=group:BUNDLE 0 1 2", OfferRefusal.NotBundled)]
    [InlineData("a=rtcp-mux", "a=x", OfferRefusal.NoRtcpMux)]
    [InlineData("a=setup:actpass", "a=setup:passive", OfferRefusal.PeerIsPassive)]
    [InlineData("a=ice-ufrag:mzxV", "a=ice-ufrag:m", OfferRefusal.NoIceCredentials)]
    [InlineData("a=ice-pwd:nxIuVI63NhzKcylulD9aXXJH", "a=ice-pwd:short", OfferRefusal.NoIceCredentials)]
    [InlineData("a=ice-ufrag:mzxV", "a=ice-ufrag:mz:V", OfferRefusal.NoIceCredentials)]
    [InlineData("a=fingerprint:sha-256", "a=fingerprint:md5", OfferRefusal.NoFingerprint)]
    [InlineData("v=0", "v=9", OfferRefusal.NotSdp)]
    [InlineData("UDP/TLS/RTP/SAVPF", "RTP/AVP", OfferRefusal.NoCommonCodec)]
    public void An_unusable_offer_is_refused_with_the_reason(string original, string changed, OfferRefusal expected)
    {
        string offer = SdpSamples.ChromiumPhone.Replace(original, changed, StringComparison.Ordinal);
        Assert.False(OfferAnswer.TryNegotiate(offer, OfferKind.Voice, 1, "unit-7", out _, out var refusal));
        Assert.Equal(expected, refusal);
    }

    [Fact]
    public void An_offer_of_the_other_kind_is_refused()
    {
        Assert.False(OfferAnswer.TryNegotiate(SdpSamples.ChromiumPhone, OfferKind.Feed, 1, "", out _, out var refusal));
        Assert.Equal(OfferRefusal.NoCommonCodec, refusal);
        Assert.False(OfferAnswer.TryNegotiate(SdpSamples.ChromiumWhep, OfferKind.Voice, 1, "", out _, out refusal));
        Assert.Equal(OfferRefusal.NoCommonCodec, refusal);
    }

    [Fact]
    public void Mutated_offers_never_throw_and_every_accepted_one_gets_a_readable_answer()
    {
        byte[][] corpus = [System.Text.Encoding.UTF8.GetBytes(SdpSamples.ChromiumPhone)];
        Fuzz.Run(corpus, 8829, input =>
        {
            string offer = System.Text.Encoding.UTF8.GetString(input);
            if (!OfferAnswer.TryNegotiate(offer, OfferKind.Voice, 1, "", out var negotiated, out _)) return;
            string answer = AnswerWriter.Write(negotiated, Ice, Node);
            if (!SdpParser.TryParse(answer, out var session, out _) || session.Media.Count != negotiated.Sections.Count)
                throw new InvalidOperationException("the answer does not read back");
        });
    }

    private static NegotiatedOffer Negotiate(string offer, OfferKind kind)
    {
        Assert.True(OfferAnswer.TryNegotiate(offer, kind, 1000, "unit-7", out var negotiated, out var refusal), refusal.ToString());
        return negotiated;
    }

    private static SdpSession Answer(string offer, OfferKind kind)
    {
        Assert.True(SdpParser.TryParse(AnswerWriter.Write(Negotiate(offer, kind), Ice, Node), out var answer, out _));
        return answer;
    }
}
