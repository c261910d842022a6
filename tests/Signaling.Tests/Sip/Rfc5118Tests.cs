using Comms.Signaling.Sip.Message;
using Xunit;

namespace Comms.Signaling.Tests.Sip;

/// <summary>
/// The IPv6 messages of RFC 5118 §4 as it publishes them, with what this server does: 401 is a request that was read whole and
/// needs credentials, 0 silence.
/// </summary>
public sealed class Rfc5118Tests
{
    private const string Sdp6 = "v=0\no=assistant 971731711378798081 0 IN IP6 2001:db8::20\ns=Live video feed for today's meeting\nc=IN IP6 2001:db8::20\nt=3338481189 3370017201\n"
        + "m=audio 6000 RTP/AVP 2\na=rtpmap:2 G726-32/8000\nm=video 6024 RTP/AVP 107\na=rtpmap:107 H263-1998/90000\n";

    public static TheoryData<string, int, string> Messages => new()
    {
        { "4.1 a reference in brackets", 401, Register("sip:[2001:db8::10]", "SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111", "<sip:caller@[2001:db8::1]>") },
        { "4.2 an address without brackets", 400, Register("sip:2001:db8::10", "SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111", "<sip:caller@[2001:db8::1]>") },
        { "4.3 a port that is part of the address", 401, Register("sip:[2001:db8::10:5070]", "SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111", "<sip:caller@[2001:db8::1]>") },
        { "4.4 a port behind the brackets", 401, Register("sip:[2001:db8::10]:5070", "SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111", "<sip:caller@[2001:db8::1]>") },
        { "4.5 received without brackets", 481, Bye("SIP/2.0/UDP [2001:db8::9:1];received=2001:db8::9:255;branch=z9hG4bKas3-111") },
        { "4.5 received with brackets", 481, Bye("SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255];branch=z9hG4bKas3") },
        { "4.6 IPv6 in the session", 401, Invite("SIP/2.0/UDP [2001:db8::20];branch=z9hG4bK3d7", "<sip:caller@[2001:db8::20]>", Sdp6) },
        { "4.7 several addresses in headers", 481, Bye("SIP/2.0/UDP [2001:db8::9:1]:6050;branch=z9hG4bKas3-111\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKjhja8781hjuaij65144\nVia: SIP/2.0/TCP [2001:db8::9:255];branch=z9hG4bK451jj;received=192.0.2.200") },
        { "4.8 several addresses in the session", 401, Invite("SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111", "<sip:caller@[2001:db8::9:1]>",
            Sdp6.Replace("m=video", "c=IN IP6 2001:db8::1\nm=video", StringComparison.Ordinal).Replace("a=rtpmap:107", "c=IN IP4 192.0.2.1\na=rtpmap:107", StringComparison.Ordinal)) },
        { "4.9 IPv4-mapped addresses", 401, Invite("SIP/2.0/UDP [::ffff:192.0.2.10]:19823;branch=z9hG4bKbh19", "\"T. desk phone\" <sip:ted@[::ffff:192.0.2.2]>",
            "v=0\no=- 1 1 IN IP6 ::ffff:192.0.2.2\ns=-\nc=IN IP6 ::ffff:192.0.2.2\nt=0 0\nm=audio 6000 RTP/AVP 0\n") },
    };

    [Theory]
    [MemberData(nameof(Messages))]
    public void A_message_with_IPv6_gets_the_answer_of_its_section(string section, int expected, string text)
    {
        var bench = new SipServerBench();
        bench.ReceiveOctets(SipSamples.Octets(text));
        var status = bench.Sent() is SipResponse response ? response.Status : 0;
        Assert.True(expected == status, $"§{section}: {status}");
        Assert.Equal(200, bench.Exchange("OPTIONS").Status);
    }

    // §4.10: three colons came from a mistake in a grammar. Taking the message and refusing it are both right.
    [Fact]
    public void Three_colons_are_answered_and_break_nothing()
    {
        var bench = new SipServerBench();
        bench.ReceiveOctets(SipSamples.Octets("OPTIONS sip:user@[2001:db8:::192.0.2.1] SIP/2.0\nTo: sip:user@[2001:db8:::192.0.2.1]\nFrom: sip:user@example.com;tag=810x2\n"
            + "Via: SIP/2.0/UDP lab1.east.example.com;branch=z9hG4bKas3-111\nCall-ID: G9559905523997077@hlau_4100\nCSeq: 689301 OPTIONS\nMax-Forwards: 70\nContent-Length: 0\n\n"));
        Assert.Contains(bench.Final().Status, (int[])[200, 400]);
    }

    private static string Register(string uri, string via, string contact) =>
        $"REGISTER {uri} SIP/2.0\nTo: sip:user@example.com\nFrom: sip:user@example.com;tag=81x2\nVia: {via}\nCall-ID: SSG9559905523997077@hlau_4100\nMax-Forwards: 70\n"
        + $"Contact: {contact}\nCSeq: 98176 REGISTER\nContent-Length: 0\n\n";

    private static string Bye(string via) =>
        $"BYE sip:[2001:db8::10] SIP/2.0\nTo: sip:user@example.com;tag=bd76ya\nFrom: sip:user@example.com;tag=81x2\nVia: {via}\nMax-Forwards: 70\n"
        + "Call-ID: SSG9559905523997077@hlau_4100\nCSeq: 321 BYE\nContent-Length: 0\n\n";

    private static string Invite(string via, string contact, string sdp) =>
        $"INVITE sip:user@[2001:db8::10] SIP/2.0\nTo: sip:user@[2001:db8::10]\nFrom: sip:user@example.com;tag=81x2\nVia: {via}\nCall-ID: SSG9559905523997077@hlau_4100\n"
        + $"Contact: {contact}\nCSeq: 8612 INVITE\nMax-Forwards: 70\nContent-Type: application/sdp\nContent-Length: {sdp.ReplaceLineEndings("\r\n").Length}\n\n{sdp}";
}
