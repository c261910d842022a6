using Comms.Signaling.Sip;
using Comms.Signaling.Sip.Dialog;
using Comms.Signaling.Sip.Digest;
using Comms.Signaling.Sip.Message;
using Comms.Signaling.Sip.Transaction;
using Xunit;

namespace Comms.Signaling.Tests.Sip;

/// <summary>Calls that the server places, against a phone written here.</summary>
public sealed class OutgoingCallTests
{
    private static readonly byte[] Offer = "v=0\r\no=offer\r\n"u8.ToArray();
    private static readonly byte[] Sdp = "v=0\r\no=answer\r\n"u8.ToArray();
    private readonly SipServerBench _bench = new();

    [Fact]
    public void A_call_is_placed_with_its_headers_rings_is_answered_and_hung_up()
    {
        var call = Place(new SipHeader("Subject", "radio"), new SipHeader("WG67-Version", "radio.02"));
        var invite = SentRequest("INVITE");
        Assert.Equal(("radio", "radio.02"), (invite.Headers.First("Subject"), invite.Headers.First("WG67-Version")));
        Assert.Equal("sip:r1@192.0.2.77:40001", invite.UriText);
        Assert.Equal("<sip:comms@192.0.2.1:5060>", invite.Headers.First("Contact"));
        Assert.Equal(Offer, invite.Body.ToArray());
        Reply(invite, 180);
        Assert.Equal(180, _bench.Event<CallRinging>().Status);
        var ok = Reply(invite, 200, Sdp);
        var answered = _bench.Event<CallAnswered>();
        Assert.Equal(call, answered.Call);
        Assert.Equal(Sdp, answered.Sdp.ToArray());
        var ack = SentRequest("ACK");
        Assert.Equal(("remote", invite.CSeq.Number, "sip:r1@192.0.2.77:40001"), (ack.To.Tag, ack.CSeq.Number, ack.UriText));

        _bench.Receive(ok);
        Assert.Equal(ack.TopVia.Branch, SentRequest("ACK").TopVia.Branch);
        Assert.True(_bench.Server.HangUp(call, _bench.Now, "WG-67;cause=2001"));
        _bench.Collect();
        var bye = SentRequest("BYE");
        Assert.Equal("WG-67;cause=2001", bye.Headers.First("Reason"));
        Assert.Equal(CallEndReason.LocalBye, _bench.Event<CallEnded>().Reason);
        _bench.Receive(SipResponse.For(bye, 200));
        _bench.Wait(70_000);
        Assert.Equal((0, 0), (_bench.Server.Calls, _bench.Server.Transactions));
    }

    [Fact]
    public void The_peers_bye_tells_its_reason()
    {
        var call = Established(out var invite);
        ReceiveFromPeer(invite, "BYE", 1, "Reason: WG-67;cause=1001;text=\"forced release\"");
        Assert.Equal(200, _bench.Final().Status);
        var ended = _bench.Event<CallEnded>();
        Assert.Equal((call, CallEndReason.RemoteBye, "WG-67;cause=1001;text=\"forced release\""), (ended.Call, ended.Reason, ended.Cause));
    }

    [Theory]
    [InlineData(486, CallEndReason.Refused)]
    [InlineData(503, CallEndReason.Refused)]
    [InlineData(302, CallEndReason.Refused)]
    public void A_refusal_is_the_calls_end_with_its_status(int status, CallEndReason reason)
    {
        Place();
        var invite = SentRequest("INVITE");
        Reply(invite, status);
        Assert.Equal(invite.TopVia.Branch, SentRequest("ACK").TopVia.Branch);
        var ended = _bench.Event<CallEnded>();
        Assert.Equal((reason, status), (ended.Reason, ended.Status));
        Assert.Equal(0, _bench.Server.Calls);
    }

    [Fact]
    public void Nobody_answers_so_the_call_ends_at_timer_B()
    {
        Place();
        _bench.Wait(33_000);
        Assert.Equal(CallEndReason.NoAnswer, _bench.Event<CallEnded>().Reason);
    }

    [Theory]
    [InlineData(401, "MD5")]
    [InlineData(407, "SHA-256")]
    public void A_challenge_is_answered_once_and_a_second_one_ends_the_call(int status, string algorithm)
    {
        Place(credentials: new ClientCredentials("trunk", "pa\"ss"));
        var first = SentRequest("INVITE");
        Challenge(first, status, algorithm, "nonce-1");
        Assert.Equal("ACK", SentRequest("ACK").Method);
        var second = SentRequest("INVITE");
        var value = second.Headers.First(status == 401 ? "Authorization" : "Proxy-Authorization")!;
        Assert.True(DigestCredentials.TryParse(value, out var credentials));
        var hash = algorithm == "MD5" ? DigestAlgorithm.Md5 : DigestAlgorithm.Sha256;
        var expected = hash.Hash($"{hash.Ha1("trunk", "pbx", "pa\"ss")}:nonce-1:00000001:{credentials!.Cnonce}:auth:{hash.Hash($"INVITE:{second.UriText}")}");
        Assert.Equal(expected, credentials.Response);
        Assert.Equal((first.CallId, first.From.Tag, first.CSeq.Number + 1), (second.CallId, second.From.Tag, second.CSeq.Number));
        Challenge(second, status, algorithm, "nonce-2");
        SentRequest("ACK");
        Assert.Equal(status, _bench.Event<CallEnded>().Status);
        Assert.Null(_bench.Sent());
    }

    [Fact]
    public void A_cancel_waits_for_a_provisional_answer_and_a_200_that_crosses_it_is_hung_up()
    {
        var call = Place();
        var invite = SentRequest("INVITE");
        Assert.True(_bench.Server.HangUp(call, _bench.Now));
        _bench.Collect();
        Assert.Equal(CallEndReason.Withdrawn, _bench.Event<CallEnded>().Reason);
        Assert.Null(_bench.Sent());
        Reply(invite, 180);
        var cancel = SentRequest("CANCEL");
        Assert.Equal((invite.TopVia.Branch, invite.CSeq.Number, invite.UriText), (cancel.TopVia.Branch, cancel.CSeq.Number, cancel.UriText));
        Assert.False(_bench.HasEvent<CallRinging>());
        Reply(invite, 200, Sdp);
        Assert.Equal("ACK", SentRequest("ACK").Method);
        Assert.Equal("BYE", SentRequest("BYE").Method);
        Assert.False(_bench.HasEvent<CallAnswered>());
        _bench.Wait(70_000);
        Assert.Equal((0, 0), (_bench.Server.Calls, _bench.Server.Transactions));
    }

    [Fact]
    public void A_peer_that_rings_for_ever_is_cancelled_and_forgotten()
    {
        Place();
        Reply(SentRequest("INVITE"), 180);
        _bench.Event<CallRinging>();
        _bench.Wait(61_000);
        Assert.Equal(CallEndReason.NoAnswer, _bench.Event<CallEnded>().Reason);
        Assert.StartsWith("SIP;cause=408", SentRequest("CANCEL").Headers.First("Reason"), StringComparison.Ordinal);
        _bench.Wait(70_000);
        Assert.Equal((0, 0), (_bench.Server.Calls, _bench.Server.Transactions));
    }

    [Fact]
    public void Of_two_forks_the_first_answer_is_taken_and_the_second_hung_up()
    {
        var call = Place();
        var invite = SentRequest("INVITE");
        Reply(invite, 180, tag: "one");
        Reply(invite, 183, tag: "two");
        Reply(invite, 200, Sdp, "two");
        Assert.Equal("two", SentRequest("ACK").To.Tag);
        Assert.Equal(call, _bench.Event<CallAnswered>().Call);
        Reply(invite, 200, Sdp, "one");
        Assert.Equal("one", SentRequest("ACK").To.Tag);
        Assert.Equal("one", SentRequest("BYE").To.Tag);
        Assert.False(_bench.HasEvent<CallEnded>());
        Assert.Equal(1, _bench.Server.Calls);
    }

    [Fact]
    public void Two_devices_ring_together_and_the_one_that_loses_is_cancelled()
    {
        var other = new SipRoute(SipSamples.Flow with { Remote = new(System.Net.IPAddress.Parse("192.0.2.78"), 5060) }, SipUri.Sip("r2", "192.0.2.78"));
        var id = _bench.Server.NewCall();
        _bench.Server.Place(id, new OutgoingInvite { Routes = [Route(), other], Sdp = Offer }, _bench.Now);
        _bench.Collect();
        var first = SentRequest("INVITE");
        var second = SentRequest("INVITE");
        Assert.NotEqual(first.CallId, second.CallId);
        Reply(second, 180);
        Reply(first, 200, Sdp);
        Assert.Equal(first.CallId, SentRequest("ACK").CallId);
        Assert.Equal(second.CallId, SentRequest("CANCEL").CallId);
        Assert.Equal(id, _bench.Event<CallAnswered>().Call);
        Reply(second, 487);
        Assert.Equal(1, _bench.Server.Calls);
    }

    [Fact]
    public void A_reliable_provisional_gets_one_prack_in_order()
    {
        Place();
        var invite = SentRequest("INVITE");
        Assert.Contains("100rel", invite.Headers.First("Supported"), StringComparison.Ordinal);
        Reply(invite, 183, Sdp, headers: [new("Require", "100rel"), new("RSeq", "7")]);
        var prack = SentRequest("PRACK");
        Assert.Equal("7 1 INVITE", prack.Headers.First("RAck"));
        Assert.Equal(Sdp, _bench.Event<CallRinging>().Sdp.ToArray());
        Reply(invite, 183, Sdp, headers: [new("Require", "100rel"), new("RSeq", "7")]);
        Reply(invite, 183, headers: [new("Require", "100rel"), new("RSeq", "9")]);
        Assert.Null(_bench.Sent());
        Reply(invite, 180, headers: [new("Require", "100rel"), new("RSeq", "8")]);
        Assert.Equal(prack.CSeq.Number + 1, SentRequest("PRACK").CSeq.Number);
        Reply(invite, 200);
        SentRequest("ACK");
        Assert.True(_bench.Server.HangUp(_bench.Event<CallAnswered>().Call, _bench.Now));
        Assert.True(SentRequest("BYE").CSeq.Number > prack.CSeq.Number + 1);
    }

    [Fact]
    public void An_offer_of_ours_inside_the_call_is_answered_and_acknowledged()
    {
        var call = Established(out _);
        Assert.True(_bench.Server.Reoffer(call, Offer, _bench.Now));
        _bench.Collect();
        var invite = SentRequest("INVITE");
        Assert.Equal("remote", invite.To.Tag);
        Reply(invite, 200, Sdp);
        Assert.Equal(invite.CSeq.Number, SentRequest("ACK").CSeq.Number);
        var answer = _bench.Event<CallReanswered>();
        Assert.Equal(200, answer.Status);
        Assert.Equal(Sdp, answer.Sdp.ToArray());
        Reply(invite, 200, Sdp);
        SentRequest("ACK");
        Assert.False(_bench.HasEvent<CallReanswered>());
    }

    [Fact]
    public void Offers_that_meet_get_491_and_ours_is_made_again()
    {
        var call = Established(out var placed);
        _bench.Server.Reoffer(call, Offer, _bench.Now);
        var ours = SentRequest("INVITE");
        ReceiveFromPeer(placed, "UPDATE", 1, "Content-Type: application/sdp", "v=0");
        Assert.Equal(491, _bench.Final().Status);
        Reply(ours, 491);
        SentRequest("ACK");
        _bench.Wait(2_000);
        Assert.Null(_bench.Sent());
        _bench.Wait(2_100);
        Assert.True(SentRequest("INVITE").CSeq.Number > ours.CSeq.Number);
        Assert.False(_bench.HasEvent<CallReanswered>());
    }

    [Fact]
    public void A_session_that_we_are_to_refresh_is_refreshed_by_update_and_ends_with_the_peer()
    {
        Place();
        var invite = SentRequest("INVITE");
        Reply(invite, 200, Sdp, headers: [new("Session-Expires", "90;refresher=uac"), new("Require", "timer"), new("Allow", "INVITE, UPDATE")]);
        SentRequest("ACK");
        _bench.Event<CallAnswered>();
        _bench.Wait(45_000);
        var update = SentRequest("UPDATE");
        Assert.Equal("90;refresher=uac", update.Headers.First("Session-Expires"));
        Reply(update, 200, headers: [new("Session-Expires", "90;refresher=uac")]);
        _bench.Wait(45_000);
        Reply(SentRequest("UPDATE"), 481);
        Assert.Equal(CallEndReason.PeerGone, _bench.Event<CallEnded>().Reason);
    }

    private static SipRoute Route() => new(SipSamples.Flow, SipUri.Sip("r1", "192.0.2.77", 40_001));

    private SipCallId Place(params SipHeader[] headers) => Place(null, headers);

    private SipCallId Place(ClientCredentials? credentials, params SipHeader[] headers)
    {
        var call = _bench.Server.NewCall();
        var invite = new OutgoingInvite { Routes = [Route()], Sdp = Offer, FromUser = "comms", Headers = headers, Credentials = credentials };
        _bench.Server.Place(call, invite, _bench.Now);
        _bench.Collect();
        return call;
    }

    private SipCallId Established(out SipRequest invite)
    {
        var call = Place();
        invite = SentRequest("INVITE");
        Reply(invite, 200, Sdp);
        SentRequest("ACK");
        _bench.Event<CallAnswered>();
        return call;
    }

    private SipRequest SentRequest(string method)
    {
        var request = Assert.IsType<SipRequest>(_bench.Sent());
        Assert.Equal(method, request.Method);
        return request;
    }

    private SipResponse Reply(SipRequest request, int status, byte[]? sdp = null, string tag = "remote", params SipHeader[] headers)
    {
        var response = SipResponse.For(request, status, tag);
        response.Headers.Add("Contact", "<sip:r1@192.0.2.77:40001>");
        foreach (var header in headers)
        {
            response.Headers.Add(header.Name, header.Value);
        }

        if (sdp is not null)
        {
            response.SetBody("application/sdp", sdp);
        }

        _bench.Receive(response);
        return response;
    }

    private void Challenge(SipRequest request, int status, string algorithm, string nonce) => Reply(request, status, headers: new SipHeader(
        status == 401 ? "WWW-Authenticate" : "Proxy-Authenticate", $"Digest realm=\"pbx\", nonce=\"{nonce}\", algorithm={algorithm}, qop=\"auth,auth-int\""));

    private void ReceiveFromPeer(SipRequest invite, string method, uint cseq, string extra = "", string body = "")
    {
        var request = SipSamples.Request(method, "z9hG4bKpeer" + method, cseq, invite.CallId, invite.From.Tag, "remote", extra: extra, body: body);
        _bench.Receive(request);
    }
}
