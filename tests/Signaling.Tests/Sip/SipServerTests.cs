using Comms.Signaling.Sip;
using Comms.Signaling.Sip.Dialog;
using Comms.Signaling.Sip.Message;
using Xunit;

namespace Comms.Signaling.Tests.Sip;

public sealed class SipServerTests
{
    private static readonly byte[] Sdp = "v=0\r\n"u8.ToArray();
    private readonly SipServerBench _bench = new();

    [Fact]
    public void Options_tell_what_the_server_can_do_without_credentials()
    {
        var response = _bench.Exchange("OPTIONS");
        Assert.Equal(200, response.Status);
        Assert.Contains("INVITE", response.Headers.First("Allow"), StringComparison.Ordinal);
        Assert.Equal("application/sdp", response.Headers.First("Accept"));
    }

    [Theory]
    [InlineData("gw1", "guess", 401)]
    [InlineData("nobody", "secret", 401)]
    [InlineData("off", "secret", 403)]
    public void Who_is_not_a_known_and_enabled_account_cannot_call(string user, string password, int expected)
    {
        Assert.Equal(expected, _bench.Exchange("INVITE", user, password).Status);
        Assert.False(_bench.HasEvent<CallOffered>());
        Assert.Equal(0, _bench.Server.Calls);
    }

    [Fact]
    public void Many_wrong_passwords_close_the_source_for_a_while()
    {
        var bench = new SipServerBench(new SipOptions { WrongPasswordsPerMinute = 3 });
        for (var i = 0u; i < 3; i++)
        {
            Assert.Equal(401, bench.Exchange("REGISTER", password: "guess", callId: $"c{i}").Status);
        }

        Assert.Equal(403, bench.Exchange("REGISTER", callId: "good").Status);
        bench.Wait(21_000);
        Assert.Equal(200, bench.Exchange("REGISTER", callId: "later").Status);
    }

    [Fact]
    public void A_call_is_offered_answered_acknowledged_and_ended_by_the_peer()
    {
        var offer = Offer();
        Assert.Equal("7000", offer.Number);
        Assert.Equal("gw1", offer.Account.Id);
        var ok = Answer(offer.Call);
        Ack(ok);
        Assert.Equal(offer.Call, _bench.Event<CallAcknowledged>().Call);
        _bench.Receive(SipSamples.Request("BYE", "z9hG4bKbye", 3, toTag: ok.To.Tag));
        Assert.Equal(200, _bench.Final().Status);
        Assert.Equal(CallEndReason.RemoteBye, _bench.Event<CallEnded>().Reason);
        Assert.Equal(0, _bench.Server.Calls);
    }

    [Fact]
    public void We_hang_up_with_bye_to_the_contact_and_source_of_the_peer()
    {
        var offer = Offer();
        Ack(Answer(offer.Call));
        _bench.Server.HangUp(offer.Call, _bench.Now);
        _bench.Collect();
        Assert.True(_bench.Server.TryPollTransmit(out var transmit));
        var bye = (SipRequest)SipSamples.Read(transmit.Octets);
        Assert.Equal("BYE", bye.Method);
        Assert.Equal("sip:gw1@192.0.2.77:40001", bye.UriText);
        Assert.Equal(SipSamples.Phone, transmit.Flow.Remote);
        Assert.Equal(CallEndReason.LocalBye, _bench.Event<CallEnded>().Reason);
        _bench.Receive(SipResponse.For(bye, 200));
        Assert.False(_bench.Server.IsWaiting);
    }

    [Fact]
    public void A_cancel_before_the_answer_gives_200_to_it_and_487_to_the_invite()
    {
        var offer = Offer();
        _bench.Receive(SipSamples.Request("CANCEL", SipServerBench.Branch(2, "call-1"), 2));
        var cancelled = Assert.IsType<SipResponse>(_bench.Sent());
        var terminated = Assert.IsType<SipResponse>(_bench.Sent());
        Assert.Equal((200, 487), (cancelled.Status, terminated.Status));
        Assert.Equal(terminated.To.Tag, cancelled.To.Tag);
        Assert.Equal(CallEndReason.Cancelled, _bench.Event<CallEnded>().Reason);
        Assert.False(_bench.Server.Answer(offer.Call, Sdp, _bench.Now));
        Assert.Null(_bench.Sent());
    }

    [Fact]
    public void A_cancel_while_the_account_is_looked_up_ends_the_invite()
    {
        _bench.AnswersLookups = false;
        _bench.Receive(SipSamples.Request("INVITE"));
        var challenge = _bench.Final();
        _bench.Receive(_bench.Authorized("INVITE", challenge, "gw1", "secret", "", 2, "call-1", "sip:7000@192.0.2.1"));
        _bench.Receive(SipSamples.Request("CANCEL", SipServerBench.Branch(2, "call-1"), 2));
        Assert.Equal(487, _bench.Final().Status);
        _bench.AnswerLookup(_bench.Event<AccountWanted>());
        Assert.False(_bench.HasEvent<CallOffered>());
    }

    [Fact]
    public void A_cancel_that_crosses_the_200_changes_nothing()
    {
        var offer = Offer();
        var ok = Answer(offer.Call);
        _bench.Receive(SipSamples.Request("CANCEL", SipServerBench.Branch(2, "call-1"), 2));
        var cancelled = _bench.Final();
        Assert.Equal(("CANCEL", 200, ok.To.Tag), (cancelled.CSeq.Method, cancelled.Status, cancelled.To.Tag));
        Ack(ok);
        Assert.Equal(1, _bench.Server.Calls);
        Assert.False(_bench.HasEvent<CallEnded>());
    }

    [Theory]
    [InlineData("CANCEL", 481)]
    [InlineData("BYE", 481)]
    [InlineData("SUBSCRIBE", 405)]
    [InlineData("NEWMETHOD", 501)]
    public void A_request_for_nothing_is_refused(string method, int expected)
    {
        _bench.Receive(SipSamples.Request(method));
        var response = _bench.Final();
        Assert.Equal(expected, response.Status);
        Assert.Equal(expected is 405 or 501, response.Headers.Contains("Allow"));
    }

    [Theory]
    [InlineData("Require: 100rel, path", "sip:7000@192.0.2.1", 420, "Unsupported: path")]
    [InlineData("Require: resource-priority\nResource-Priority: town.9", "sip:7000@192.0.2.1", 417, "")]
    [InlineData("Require: timer, path", "sip:7000@192.0.2.1", 420, "Unsupported: path")]
    [InlineData("Supported: timer\nSession-Expires: 60", "sip:7000@192.0.2.1", 422, "Min-SE: 90")]
    [InlineData("Supported: timer\nSession-Expires: soon", "sip:7000@192.0.2.1", 400, "")]
    [InlineData("Content-Type: text/plain", "sip:7000@192.0.2.1", 415, "Accept: application/sdp")]
    [InlineData("Content-Type: application/sdp\nContent-Encoding: gzip", "sip:7000@192.0.2.1", 415, "Accept: application/sdp")]
    [InlineData("Accept: text/plain\nContent-Type: application/sdp", "sip:7000@192.0.2.1", 406, "")]
    [InlineData("Content-Type: application/sdp", "tel:+861101", 416, "")]
    [InlineData("Content-Type: application/sdp", "nobodyKnowsThisScheme:totallyopaquecontent", 416, "")]
    public void An_invite_that_asks_for_what_we_have_not_says_which(string extra, string uri, int expected, string header)
    {
        _bench.Receive(SipSamples.Request("INVITE", uri: uri, extra: extra, body: "v=0"));
        var response = _bench.Final();
        Assert.Equal(expected, response.Status);
        if (header.Length > 0)
        {
            Assert.Equal(header[(header.IndexOf(':', StringComparison.Ordinal) + 2)..], response.Headers.First(header.Split(':')[0]));
        }
    }

    [Fact]
    public void A_trunk_calls_without_a_password_by_the_contact_that_only_it_knows()
    {
        _bench.Server.TrustContact("b1f2", SipServerBench.Account("trunk"));
        _bench.Receive(SipSamples.Request("INVITE", "z9hG4bKguess", callId: "guess", uri: "sip:b1f3@192.0.2.1"));
        Assert.Equal(401, _bench.Final().Status);
        _bench.Receive(SipSamples.Request("INVITE", "z9hG4bKtrunk", callId: "trunk", uri: "sip:b1f2@192.0.2.1"));
        var offer = _bench.Event<CallOffered>();
        Assert.Equal(("trunk", "7000"), (offer.Account.Id, offer.Number));
        _bench.Server.TrustContact("b1f2", null);
        _bench.Receive(SipSamples.Request("INVITE", "z9hG4bKlate", callId: "late", uri: "sip:b1f2@192.0.2.1"));
        Assert.Equal(401, _bench.Final().Status);
    }

    [Fact]
    public void A_call_that_replaces_another_ends_it_when_it_is_answered()
    {
        var former = Offer();
        var ok = Answer(former.Call);
        Ack(ok);
        var attended = _bench.Place("attended", $"Replaces: call-1;to-tag={ok.To.Tag};from-tag=phone");
        Assert.Equal(former.Call, attended.Replaces);
        Assert.True(_bench.Server.Answer(attended.Call, Sdp, _bench.Now));
        _bench.Collect();
        var ended = _bench.Event<CallEnded>();
        Assert.Equal((former.Call, CallEndReason.Replaced), (ended.Call, ended.Reason));
        Assert.Equal(481, _bench.Exchange("INVITE", callId: "stray", extra: "Replaces: nobody;to-tag=a;from-tag=b").Status);
    }

    [Fact]
    public void A_refer_is_accepted_and_its_sender_hears_how_the_call_goes()
    {
        var offer = Offer();
        var ok = Answer(offer.Call);
        Ack(ok);
        _bench.Receive(SipSamples.Request("REFER", "z9hG4bKrefer", 3, toTag: ok.To.Tag, extra: "Refer-To: <sip:4711@192.0.2.1?Replaces=a%3Bto-tag%3Db>"));
        Assert.Equal(202, Assert.IsType<SipResponse>(_bench.Sent()).Status);
        var trying = Assert.IsType<SipRequest>(_bench.Sent());
        Assert.Equal(("NOTIFY", "refer;id=3", "SIP/2.0 100 Trying\r\n"), (trying.Method, trying.Headers.First("Event"), System.Text.Encoding.ASCII.GetString(trying.Body.Span)));
        Assert.Equal("4711", _bench.Event<CallReferred>().Target.User);
        _bench.Server.NotifyReferred(offer.Call, 486, _bench.Now);
        var busy = Assert.IsType<SipRequest>(_bench.Sent());
        Assert.Equal(("terminated;reason=noresource", "SIP/2.0 486 Busy Here\r\n"), (busy.Headers.First("Subscription-State"), System.Text.Encoding.ASCII.GetString(busy.Body.Span)));
    }

    [Fact]
    public void Inside_a_call_info_is_handed_on_and_an_update_is_an_offer_or_a_refresh()
    {
        var offer = Offer();
        var ok = Answer(offer.Call);
        Ack(ok);
        _bench.Receive(SipSamples.Request("INFO", "z9hG4bKinfo", 3, toTag: ok.To.Tag, extra: "Content-Type: application/dtmf-relay", body: "Signal=5"));
        Assert.Equal(200, _bench.Final().Status);
        Assert.Equal("application/dtmf-relay", _bench.Event<CallInfo>().ContentType);
        _bench.Receive(SipSamples.Request("UPDATE", "z9hG4bKupdate", 4, toTag: ok.To.Tag, extra: "Supported: timer\nSession-Expires: 90"));
        Assert.Equal("90;refresher=uac", _bench.Final().Headers.First("Session-Expires"));
        _bench.Receive(SipSamples.Request("UPDATE", "z9hG4bKoffer", 5, toTag: ok.To.Tag, extra: "Content-Type: application/sdp", body: "v=7"));
        Assert.Equal("v=7"u8.ToArray(), _bench.Event<CallReoffered>().Sdp.ToArray());
        Assert.True(_bench.Server.Answer(offer.Call, Sdp, _bench.Now));
        Assert.Equal(("UPDATE", 200), _bench.Final() is var answer ? (answer.CSeq.Method, answer.Status) : default);
    }

    [Fact]
    public void The_precedence_that_a_caller_asks_for_is_read()
    {
        var offer = _bench.Place(extra: "Resource-Priority: mcpttp.15, town.1, ets.0\nContent-Type: application/sdp");
        Assert.Equal([15, null, 15], offer.Priorities.Select(priority => priority.Rank));
    }

    [Fact]
    public void A_merged_request_gets_482()
    {
        _bench.Receive(SipSamples.Request("INVITE", "z9hG4bKpath1"));
        Assert.Equal(401, _bench.Final().Status);
        _bench.Receive(SipSamples.Request("INVITE", "z9hG4bKpath2"));
        Assert.Equal(482, _bench.Final().Status);
    }

    [Fact]
    public void Over_the_bound_of_calls_an_invite_gets_503()
    {
        var bench = new SipServerBench(new SipOptions { MaxCalls = 1 });
        bench.Place();
        Assert.Equal(503, bench.Exchange("INVITE", callId: "call-2").Status);
        Assert.Equal(1, bench.Server.Calls);
    }

    [Fact]
    public void A_re_invite_is_offered_again_and_a_request_out_of_order_gets_500()
    {
        var offer = Offer();
        var ok = Answer(offer.Call);
        Ack(ok);
        _bench.Receive(SipSamples.Request("INVITE", "z9hG4bKre", 5, toTag: ok.To.Tag, extra: "Content-Type: application/sdp", body: "v=1"));
        Assert.Equal("v=1"u8.ToArray(), _bench.Event<CallReoffered>().Sdp.ToArray());
        _bench.Server.Reject(offer.Call, 488, _bench.Now, "305 comms \"Incompatible media format\"");
        var refusal = _bench.Final();
        Assert.Equal(488, refusal.Status);
        Assert.Equal("305 comms \"Incompatible media format\"", refusal.Headers.First("Warning"));
        Assert.Equal(1, _bench.Server.Calls);
        _bench.Receive(SipSamples.Request("BYE", "z9hG4bKold", 4, toTag: ok.To.Tag));
        Assert.Equal(500, _bench.Final().Status);
        Assert.Equal(1, _bench.Server.Calls);
    }

    [Fact]
    public void A_bye_with_a_guessed_tag_ends_nothing()
    {
        var offer = Offer();
        Ack(Answer(offer.Call));
        _bench.Receive(SipSamples.Request("BYE", "z9hG4bKbye", 3, toTag: "guessed"));
        Assert.Equal(481, _bench.Final().Status);
        Assert.Equal(1, _bench.Server.Calls);
    }

    [Fact]
    public void A_peer_that_no_longer_knows_the_dialog_ends_the_wait()
    {
        var offer = Offer();
        Answer(offer.Call);
        _bench.Wait(33_000);
        Assert.Equal(CallEndReason.NoAck, _bench.Event<CallEnded>().Reason);
        Assert.Equal(0, _bench.Server.Calls);
        _bench.Wait(70_000);
        Assert.Equal(0, _bench.Server.Transactions);
    }

    [Fact]
    public void Stopping_hangs_up_every_call_and_refuses_new_ones()
    {
        var offer = Offer();
        Ack(Answer(offer.Call));
        _bench.Server.Stop(_bench.Now);
        _bench.Collect();
        Assert.Equal("BYE", Assert.IsType<SipRequest>(_bench.Sent()).Method);
        Assert.Equal(CallEndReason.Stopping, _bench.Event<CallEnded>().Reason);
        Assert.Equal(503, _bench.Exchange("INVITE", callId: "late").Status);
    }

    [Fact]
    public void A_message_body_of_60_kB_arrives_octet_for_octet_and_its_answer_is_the_hooks()
    {
        var body = new string('\u00b9', 60_000);
        var extra = "Content-Type: Application/MANSCDP+xml;charset=gb2312";
        _bench.Receive(SipSamples.Request("MESSAGE"));
        var request = _bench.Authorized("MESSAGE", _bench.Final(), "gw1", "secret", extra, 2, "call-1", "sip:7000@192.0.2.1");
        request.SetBody("Application/MANSCDP+xml;charset=gb2312", System.Text.Encoding.Latin1.GetBytes(body));
        _bench.Receive(request);
        var message = _bench.Event<MessageArrived>();
        Assert.Equal(60_000, message.Body.Length);
        Assert.Equal(0xB9, message.Body.Span[59_999]);
        Assert.Equal("Application/MANSCDP+xml;charset=gb2312", message.ContentType);
        _bench.Server.RespondMessage(message.Message, 202, _bench.Now);
        Assert.Equal(202, _bench.Final().Status);
    }

    [Fact]
    public void A_malformed_request_gets_400_and_garbage_gets_nothing()
    {
        var bad = SipMessageWriter.Write(SipSamples.Request("INVITE"));
        var text = System.Text.Encoding.ASCII.GetString(bad).Replace("CSeq: 1 INVITE", "CSeq: 1 BYE", StringComparison.Ordinal);
        _bench.ReceiveOctets(System.Text.Encoding.ASCII.GetBytes(text));
        Assert.Equal(400, _bench.Final().Status);
        _bench.ReceiveOctets("garbage\r\n\r\n"u8);
        Assert.Null(_bench.Sent());
        Assert.Equal(1, _bench.Counters.Dropped(SipDropReason.Malformed));
        _bench.ReceiveOctets("\r\n\r\n"u8);
        Assert.Null(_bench.Sent());
        Assert.Equal(1, _bench.Counters.KeepAlives);
    }

    private CallOffered Offer() => _bench.Place();

    private SipResponse Answer(SipCallId call)
    {
        Assert.True(_bench.Server.Answer(call, Sdp, _bench.Now));
        var ok = _bench.Final();
        Assert.Equal(200, ok.Status);
        return ok;
    }

    private void Ack(SipResponse ok) => _bench.Receive(SipSamples.Request("ACK", "z9hG4bKack", 2, toTag: ok.To.Tag));
}
