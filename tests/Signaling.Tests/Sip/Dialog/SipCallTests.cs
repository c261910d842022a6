using Comms.Media.Numbers;
using Comms.Signaling.Sip.Dialog;
using Comms.Signaling.Sip.Message;
using Comms.Signaling.Sip.Transaction;
using Comms.Signaling.Tests.Sip.Transaction;
using Xunit;

namespace Comms.Signaling.Tests.Sip.Dialog;

public sealed class SipCallTests
{
    private static readonly byte[] Sdp = "v=0\r\n"u8.ToArray();
    private readonly TransactionBench _bench = new();

    [Fact]
    public void A_200_is_repeated_until_its_ack()
    {
        var call = Accepted(out _);
        Assert.Equal([500, 1500, 3500, 7500, 11500], Repeats(call, 12_000));
        Assert.True(call.HandleAck(SipSamples.Request("ACK", branch: "z9hG4bKack", toTag: "ours"), _bench.Now));
        Assert.Equal(CallState.Established, call.State);
        Assert.Empty(Repeats(call, 60_000));
        Assert.False(call.HandleAck(SipSamples.Request("ACK", branch: "z9hG4bKack", toTag: "ours"), _bench.Now));
    }

    [Fact]
    public void A_200_that_is_never_acknowledged_ends_in_bye()
    {
        var call = Accepted(out _);
        Repeats(call, 32_000);
        Assert.Equal(CallEndReason.NoAck, call.EndReason);
        Assert.Equal("BYE", Assert.IsType<SipRequest>(_bench.Sent()).Method);
    }

    [Fact]
    public void The_200_carries_contact_tag_and_record_route()
    {
        Accepted(out var response, extra: "Record-Route: <sip:p1;lr>");
        Assert.Equal(200, response.Status);
        Assert.Equal("ours", response.To.Tag);
        Assert.Equal("<sip:192.0.2.1:5060>", response.Headers.First("Contact"));
        Assert.Equal("<sip:p1;lr>", response.Headers.First("Record-Route"));
        Assert.Equal("application/sdp", response.Headers.First("Content-Type"));
    }

    [Fact]
    public void A_cancel_before_the_answer_gives_487_and_one_after_changes_nothing()
    {
        var call = Offered(out var invite);
        call.HandleCancel(invite, _bench.Now);
        Assert.Equal(487, _bench.SentStatus());
        Assert.Equal(CallEndReason.Cancelled, call.EndReason);
        Assert.False(call.Accept(Sdp, _bench.Now));
        Assert.Null(_bench.Sent());

        var second = new SipCallTests();
        var crossed = second.Offered(out var other);
        crossed.Accept(Sdp, second._bench.Now);
        Assert.Equal(200, second._bench.SentStatus());
        crossed.HandleCancel(other, second._bench.Now);
        Assert.Null(second._bench.Sent());
        Assert.Equal(CallState.Accepted, crossed.State);
    }

    [Fact]
    public void A_hang_up_before_the_ack_waits_for_it()
    {
        var call = Accepted(out _);
        call.HangUp(CallEndReason.LocalBye, _bench.Now);
        Assert.Null(_bench.Sent());
        call.HandleAck(SipSamples.Request("ACK", branch: "z9hG4bKack", toTag: "ours"), _bench.Now);
        var bye = Assert.IsType<SipRequest>(_bench.Sent());
        Assert.Equal("BYE", bye.Method);
        Assert.Equal("phone", bye.To.Tag);
        Assert.Equal(CallEndReason.LocalBye, call.EndReason);
    }

    [Fact]
    public void A_re_invite_waits_for_its_answer_and_a_second_one_meanwhile_gets_500()
    {
        var call = Accepted(out _);
        call.HandleAck(SipSamples.Request("ACK", branch: "z9hG4bKack", toTag: "ours"), _bench.Now);
        var first = ReInvite("z9hG4bKre1", 2, "Contact: <sip:moved@192.0.2.78>");
        Assert.True(call.HandleReInvite(first, _bench.Now));
        Assert.Equal("sip:moved@192.0.2.78", call.Dialog.RemoteTarget.ToString());
        var second = ReInvite("z9hG4bKre2", 3);
        Assert.False(call.HandleReInvite(second, _bench.Now));
        Assert.Equal(500, _bench.SentStatus());
        Assert.True(call.Accept(Sdp, _bench.Now));
        Assert.Equal(200, _bench.SentStatus());
        Assert.Equal(CallState.Established, call.State);
        Assert.True(call.HandleAck(SipSamples.Request("ACK", branch: "z9hG4bKack2", toTag: "ours", cseq: 2), _bench.Now));
    }

    [Fact]
    public void A_refused_re_invite_leaves_the_call()
    {
        var call = Accepted(out _);
        call.HandleAck(SipSamples.Request("ACK", branch: "z9hG4bKack", toTag: "ours"), _bench.Now);
        Assert.True(call.HandleReInvite(ReInvite("z9hG4bKre1", 2), _bench.Now));
        call.Reject(488, _bench.Now);
        Assert.Equal(488, _bench.SentStatus());
        Assert.Equal(CallState.Established, call.State);
    }

    [Fact]
    public void A_bye_before_the_answer_ends_the_invite_with_487()
    {
        var call = Offered(out _);
        _bench.Receive(SipSamples.Request("BYE", branch: "z9hG4bKbye", cseq: 2, toTag: "ours"));
        call.HandleBye(Assert.IsType<RequestReceived>(_bench.Event()).Transaction, _bench.Now);
        Assert.Equal(200, _bench.SentStatus());
        Assert.Equal(487, _bench.SentStatus());
        Assert.Equal(CallEndReason.RemoteBye, call.EndReason);
    }

    [Theory]
    [InlineData("Supported: timer\nSession-Expires: 1800", "1800;refresher=uac", 1_768)]
    [InlineData("k: replaces, timer\nx: 90;refresher=uac", "90;refresher=uac", 60)]
    [InlineData("Require: timer\nSession-Expires: 90 ; Refresher=UAC", "90;refresher=uac", 60)]
    [InlineData("Session-Expires: 1800", null, 0)]
    [InlineData("Supported: timer", null, 0)]
    public void A_session_that_is_to_be_refreshed_ends_without_a_refresh(string extra, string? agreed, int endsAfterSeconds)
    {
        var call = Accepted(out var response, extra);
        Assert.Equal(agreed, response.Headers.First("Session-Expires"));
        Assert.Equal(agreed is null ? null : "timer", response.Headers.First("Require"));
        call.HandleAck(SipSamples.Request("ACK", branch: "z9hG4bKack", toTag: "ours"), _bench.Now);
        if (agreed is null)
        {
            Assert.Equal(Instant.Never, call.NextDeadline);
            return;
        }

        var start = _bench.Now;
        Assert.Equal(endsAfterSeconds * 1000, call.NextDeadline.MsSince(start));
        call.HandleTimeout(call.NextDeadline);
        Assert.Equal(CallEndReason.SessionExpired, call.EndReason);
        Assert.Equal("BYE", Assert.IsType<SipRequest>(_bench.Sent()).Method);
    }

    [Fact]
    public void A_session_that_the_peer_leaves_to_us_is_refreshed_by_a_re_invite_with_the_media_as_it_is()
    {
        var call = Accepted(out var response, "Supported: timer\nSession-Expires: 1800;refresher=uas");
        Assert.Equal("1800;refresher=uas", response.Headers.First("Session-Expires"));
        call.HandleAck(SipSamples.Request("ACK", branch: "z9hG4bKack", toTag: "ours"), _bench.Now);
        Assert.Equal(900_000, call.NextDeadline.MsSince(_bench.Now));
        call.HandleTimeout(call.NextDeadline);
        var refresh = Assert.IsType<SipRequest>(_bench.Sent());
        Assert.Equal(("INVITE", "1800;refresher=uac"), (refresh.Method, refresh.Headers.First("Session-Expires")));
        Assert.Equal(Sdp, refresh.Body.ToArray());
    }

    [Fact]
    public void A_reliable_180_is_repeated_until_its_prack()
    {
        var call = Offered(out _, "Supported: 100rel");
        call.Ring(_bench.Now);
        var ringing = Assert.IsType<SipResponse>(_bench.Sent());
        Assert.Equal((180, "100rel"), (ringing.Status, ringing.Headers.First("Require")));
        Assert.Equal([500, 1500], Repeats(call, 2_000));
        _bench.Receive(SipSamples.Request("PRACK", "z9hG4bKprack", 2, toTag: "ours", extra: $"RAck: {ringing.Headers.First("RSeq")} 1 INVITE"));
        call.HandlePrack(Assert.IsType<RequestReceived>(_bench.Event()).Transaction, _bench.Now);
        Assert.Equal(200, _bench.SentStatus());
        Assert.Empty(Repeats(call, 20_000));
        Assert.True(call.Accept(Sdp, _bench.Now));
    }

    [Fact]
    public void A_reliable_180_without_prack_refuses_the_call_with_504()
    {
        var call = Offered(out _, "Require: 100rel");
        call.Ring(_bench.Now);
        Repeats(call, 33_000);
        Assert.Equal(CallEndReason.Rejected, call.EndReason);
    }

    [Fact]
    public void A_re_invite_refreshes_the_session()
    {
        var call = Accepted(out _, "Supported: timer\nSession-Expires: 90");
        call.HandleAck(SipSamples.Request("ACK", branch: "z9hG4bKack", toTag: "ours"), _bench.Now);
        _bench.SendTimes(50_000);
        var refresh = ReInvite("z9hG4bKre", 2, "Contact: <sip:gw1@192.0.2.77:40001>\nSupported: timer\nSession-Expires: 90;refresher=uac");
        Assert.True(call.HandleReInvite(refresh, _bench.Now));
        Assert.True(call.Accept(Sdp, _bench.Now));
        Assert.Equal("90;refresher=uac", Assert.IsType<SipResponse>(_bench.Sent()).Headers.First("Session-Expires"));
        call.HandleAck(SipSamples.Request("ACK", branch: "z9hG4bKack2", cseq: 2, toTag: "ours"), _bench.Now);
        Assert.Equal(60_000, call.NextDeadline.MsSince(_bench.Now));
    }

    private SipCall Offered(out InviteServerTransaction invite, string extra = "")
    {
        var request = SipSamples.Request("INVITE", extra: extra);
        invite = (InviteServerTransaction)_bench.ReceiveNew(request);
        Assert.True(SipDialog.TryCreateUas(request, SipSamples.Flow, "ours", out var dialog));
        return new SipCall(dialog!, invite, _bench.Layer, SipTimers.Default);
    }

    private SipCall Accepted(out SipResponse response, string extra = "")
    {
        var call = Offered(out _, extra);
        Assert.True(call.Accept(Sdp, _bench.Now));
        response = Assert.IsType<SipResponse>(_bench.Sent());
        return call;
    }

    private InviteServerTransaction ReInvite(string branch, uint cseq, string contact = "Contact: <sip:gw1@192.0.2.77:40001>")
    {
        var text = $"INVITE sip:192.0.2.1 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.77:40001;branch={branch}\nFrom: <sip:gw1@192.0.2.1>;tag=phone\n"
            + $"To: <sip:7000@192.0.2.1>;tag=ours\nCall-ID: call-1\nCSeq: {cseq} INVITE\n{contact}\n\n";
        return (InviteServerTransaction)_bench.ReceiveNew((SipRequest)SipSamples.Parse(text));
    }

    private List<int> Repeats(SipCall call, int milliseconds)
    {
        var start = _bench.Now;
        var times = new List<int>();
        for (var at = 0; at < milliseconds; at += 100)
        {
            _bench.SendTimes(100);
            if (call.NextDeadline <= _bench.Now)
            {
                call.HandleTimeout(_bench.Now);
                if (call.State != CallState.Ended && _bench.Sent() is not null)
                {
                    times.Add((int)_bench.Now.MsSince(start));
                }
            }
        }

        return times;
    }
}
