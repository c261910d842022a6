using System.Text;
using Comms.Signaling.Sip.Message;
using Xunit;

namespace Comms.Signaling.Tests.Sip.Message;

public sealed class SipMessageParserTests
{
    private const string Invite = """
        INVITE sip:7000@example.com SIP/2.0
        Via: SIP/2.0/UDP 192.0.2.77:5062;branch=z9hG4bKabc
        Max-Forwards: 70
        From: "Gate way" <sip:gw1@example.com>;tag=a
        To: <sip:7000@example.com>
        Call-ID: x1
        CSeq: 1 INVITE
        Content-Length: 4

        abcd
        """;

    [Fact]
    public void A_request_is_read_with_its_addresses_and_body()
    {
        var request = Assert.IsType<SipRequest>(SipSamples.Parse(Invite));
        Assert.Equal("INVITE", request.Method);
        Assert.Equal("7000", request.Uri.User);
        Assert.Equal("example.com", request.Uri.Host);
        Assert.Equal("Gate way", request.From.DisplayName);
        Assert.Equal("a", request.From.Tag);
        Assert.Null(request.To.Tag);
        Assert.Equal("z9hG4bKabc", request.TopVia.Branch);
        Assert.Equal(new CSeq(1, "INVITE"), request.CSeq);
        Assert.Equal("abcd", Encoding.ASCII.GetString(request.Body.Span));
    }

    [Fact]
    public void Compact_names_folding_and_odd_spacing_mean_the_same()
    {
        var request = (SipRequest)SipSamples.Parse("""
            INVITE sip:7000@example.com SIP/2.0
            v:  SIP  / 2.0  / TCP     spindle.example.com   ;
              branch  =   z9hG4bK9ikj8  ,
             SIP  /    2.0   / UDP  192.168.255.111   ; branch=
             z9hG4bK30239
            f : "Quoted \"string\"" <sip:a@example.com>
              ;
              tag = 98asjd8
            TO :
             sip:7000@example.com ;   tag    = 1918
            i  : x2
            MaX-fOrWaRdS: 0068
            cseq: 0009
              INVITE
            m:<sip:a@192.0.2.5> ; newparam =
                  newvalue ; secondparam ; q = 0.33
            NewFangledHeader:   newfangled value
             continued newfangled value
            l : 0

            """ + "\n");
        Assert.Equal("TCP", request.TopVia.Transport);
        Assert.Equal("spindle.example.com", request.TopVia.Host);
        Assert.Equal("z9hG4bK9ikj8", request.TopVia.Branch);
        Assert.Equal(2, request.Headers.List("Via").Count);
        Assert.Equal("Quoted \"string\"", request.From.DisplayName);
        Assert.Equal("98asjd8", request.From.Tag);
        Assert.Equal("1918", request.To.Tag);
        Assert.Equal(68, request.MaxForwards);
        Assert.Equal(9u, request.CSeq.Number);
        Assert.Equal("newfangled value continued newfangled value", request.Headers.First("newfangledheader"));
        Assert.True(request.TryGetAddresses("Contact", out var contacts));
        Assert.Equal("newvalue", contacts[0].Parameters["NEWPARAM"]);
        Assert.Equal("0.33", contacts[0].Parameters["q"]);
    }

    [Fact]
    public void What_is_not_understood_survives_octet_for_octet()
    {
        var head = "MESSAGE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:x@y>;tag=1\r\nTo: <sip:a@b>\r\n"
            + "Call-ID: 1\r\nCSeq: 1 MESSAGE\r\nX-Vendor: ";
        byte[] odd = [0xB9, 0xE3, 0xB6, 0xAB];
        byte[] octets = [.. Encoding.ASCII.GetBytes(head), .. odd, .. "\r\nContent-Length: 4\r\n\r\n"u8, .. odd];
        Assert.True(SipMessageParser.TryParse(octets, out var message, out _));
        var written = SipMessageWriter.Write(message!);
        Assert.Equal(octets, written);
    }

    [Fact]
    public void A_utf8_display_name_is_text_and_goes_out_as_utf8_again()
    {
        var octets = Encoding.UTF8.GetBytes(Invite.ReplaceLineEndings("\r\n").Replace("Gate way", "消防一号", StringComparison.Ordinal));
        Assert.True(SipMessageParser.TryParse(octets, out var message, out _));
        Assert.Equal("消防一号", message!.From.DisplayName);
        var again = Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(message.From.ToString()));
        Assert.Equal("\"消防一号\" <sip:gw1@example.com>;tag=a", again);
    }

    [Fact]
    public void Octets_behind_the_content_length_are_ignored()
    {
        var message = SipSamples.Parse(Invite + "efgh");
        Assert.Equal(4, message.Body.Length);
    }

    [Fact]
    public void A_body_without_content_length_runs_to_the_end_of_the_datagram()
    {
        var message = SipSamples.Parse(Invite.Replace("Content-Length: 4\n", "", StringComparison.Ordinal));
        Assert.Equal(4, message.Body.Length);
    }

    [Theory]
    [InlineData("Content-Length: 4", "Content-Length: 5", SipParseError.BodyTruncated)]
    [InlineData("Content-Length: 4", "Content-Length: -4", SipParseError.BadContentLength)]
    [InlineData("Content-Length: 4", "Content-Length: 99999999999999999999", SipParseError.BadContentLength)]
    [InlineData("Content-Length: 4", "Content-Length: 4\nl: 5", SipParseError.DuplicateHeader)]
    [InlineData("CSeq: 1 INVITE", "CSeq: 1 OPTIONS", SipParseError.CSeqMethodMismatch)]
    [InlineData("CSeq: 1 INVITE", "CSeq: 36893488147419103232 INVITE", SipParseError.BadCSeq)]
    [InlineData("CSeq: 1 INVITE", "CSeq: INVITE", SipParseError.BadCSeq)]
    [InlineData("Via: SIP/2.0/UDP", "Via: HTTP/1.1/UDP", SipParseError.BadVia)]
    [InlineData("192.0.2.77:5062;", "192.0.2.77:99999;", SipParseError.BadVia)]
    [InlineData("Max-Forwards: 70", "Max-Forwards: 300", SipParseError.BadMaxForwards)]
    [InlineData("sip:7000@example.com SIP/2.0", "sip:7000@example.com SIP/7.0", SipParseError.BadVersion)]
    [InlineData("sip:7000@example.com SIP/2.0", "<sip:7000@example.com> SIP/2.0", SipParseError.BadRequestUri)]
    [InlineData("sip:7000@example.com SIP/2.0", "sip:7000@example.com; lr SIP/2.0", SipParseError.BadRequestUri)]
    [InlineData("sip:7000@example.com SIP/2.0", "sip:7000@example.com?Route=%3Csip:e.com%3E SIP/2.0", SipParseError.BadRequestUri)]
    [InlineData("To: <sip:7000@example.com>", "To: \"Mr. J. User <sip:7000@example.com>", SipParseError.BadTo)]
    [InlineData("To: <sip:7000@example.com>", "To: Bell, Alexander <sip:a@example.com>", SipParseError.BadTo)]
    [InlineData("To: <sip:7000@example.com>", "To: <sip:7000@example.com>;;,;", SipParseError.BadTo)]
    [InlineData("Call-ID: x1", "Call-ID: x 1", SipParseError.BadCallId)]
    public void A_fault_that_can_be_answered_has_its_reason(string good, string bad, SipParseError expected)
    {
        var text = Invite.Replace(good, bad, StringComparison.Ordinal);
        Assert.False(SipMessageParser.TryParse(SipSamples.Octets(text), out var message, out var error));
        Assert.Equal(expected, error);
        Assert.NotNull(message);
        var response = SipResponse.For((SipRequest)message, SipMessageParser.StatusFor(error));
        Assert.Equal(expected == SipParseError.BadVersion ? 505 : 400, response.Status);
        Assert.Contains("branch=z9hG4bKabc", response.Headers.First("Via"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Via: SIP/2.0/UDP 192.0.2.77:5062;branch=z9hG4bKabc\n", "", SipParseError.MissingHeader)]
    [InlineData("Call-ID: x1\n", "", SipParseError.MissingHeader)]
    [InlineData("INVITE sip:7000@example.com SIP/2.0", "hello", SipParseError.BadStartLine)]
    [InlineData("INVITE sip:7000@example.com SIP/2.0", "SIP/2.0 4294967301 OK", SipParseError.BadStatusCode)]
    [InlineData("INVITE sip:7000@example.com SIP/2.0", "SIP/2.0 099 OK", SipParseError.BadStatusCode)]
    public void A_fault_that_cannot_be_answered_is_dropped(string good, string bad, SipParseError expected)
    {
        var text = Invite.Replace(good, bad, StringComparison.Ordinal);
        Assert.False(SipMessageParser.TryParse(SipSamples.Octets(text), out var message, out var error));
        Assert.Equal(expected, error);
        Assert.Null(message);
    }

    [Fact]
    public void Line_ends_alone_are_a_keep_alive()
    {
        Assert.False(SipMessageParser.TryParse("\r\n\r\n"u8, out _, out var error));
        Assert.Equal(SipParseError.Empty, error);
    }

    [Fact]
    public void Bounds_hold_against_huge_values_and_many_headers()
    {
        var huge = Invite.Replace("Call-ID: x1", "Call-ID: x1\nX: " + new string('x', 60_000), StringComparison.Ordinal);
        Assert.False(SipMessageParser.TryParse(SipSamples.Octets(huge), out _, out var error));
        Assert.Equal(SipParseError.HeaderTooLong, error);

        var many = Invite.Replace("Call-ID: x1", "Call-ID: x1" + string.Concat(Enumerable.Repeat("\nX: y", 300)), StringComparison.Ordinal);
        Assert.False(SipMessageParser.TryParse(SipSamples.Octets(many), out _, out error));
        Assert.Equal(SipParseError.TooManyHeaders, error);

        Assert.False(SipMessageParser.TryParse(new byte[70_000], out _, out error));
        Assert.Equal(SipParseError.TooLarge, error);
    }

    [Fact]
    public void A_response_without_a_phrase_is_read()
    {
        var text = Invite.Replace("INVITE sip:7000@example.com SIP/2.0", "SIP/2.0 100 ", StringComparison.Ordinal);
        var response = Assert.IsType<SipResponse>(SipSamples.Parse(text));
        Assert.Equal(100, response.Status);
        Assert.Equal("", response.Reason);
    }

    [Fact]
    public void A_response_copies_what_identifies_the_request_and_adds_our_tag()
    {
        var request = (SipRequest)SipSamples.Parse(Invite);
        var response = SipResponse.For(request, 200, "ours");
        Assert.Equal("ours", response.To.Tag);
        Assert.Equal(request.Headers.First("Via"), response.Headers.First("Via"));
        Assert.Equal(request.Headers.First("From"), response.Headers.First("From"));
        Assert.Equal("x1", response.CallId);
        Assert.Null(response.Headers.First("Max-Forwards"));
    }

    [Fact]
    public void The_source_is_marked_as_rport_asks()
    {
        var request = SipSamples.Request("OPTIONS");
        request.MarkSource(new System.Net.IPEndPoint(System.Net.IPAddress.Parse("198.51.100.9"), 1024));
        Assert.Equal("SIP/2.0/UDP 192.0.2.77:40001;branch=z9hG4bKone;rport=1024;received=198.51.100.9", request.Headers.First("Via"));
    }
}
