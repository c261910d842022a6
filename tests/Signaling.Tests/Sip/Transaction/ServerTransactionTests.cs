using Comms.Signaling.Sip;
using Comms.Signaling.Sip.Message;
using Comms.Signaling.Sip.Transaction;
using Xunit;

namespace Comms.Signaling.Tests.Sip.Transaction;

public sealed class ServerTransactionTests
{
    private readonly TransactionBench _bench = new();

    [Fact]
    public void An_invite_left_alone_gets_100_after_200_ms()
    {
        _bench.ReceiveNew(SipSamples.Request("INVITE"));
        Assert.Null(_bench.Sent());
        Assert.Equal([200], _bench.SendTimes(1_000));
    }

    [Fact]
    public void A_repeated_invite_is_absorbed_and_gets_the_last_provisional_again()
    {
        var invite = _bench.ReceiveNew(SipSamples.Request("INVITE"));
        _bench.Receive(SipSamples.Request("INVITE"));
        Assert.Null(_bench.Event());
        Assert.Null(_bench.Sent());
        _bench.Answer(invite, 180);
        Assert.Equal(180, _bench.SentStatus());
        _bench.Receive(SipSamples.Request("INVITE"));
        Assert.Equal(180, _bench.SentStatus());
        Assert.Null(_bench.Event());
    }

    [Fact]
    public void Timer_G_repeats_a_refusal_with_doubling_up_to_T2_until_timer_H()
    {
        var invite = _bench.ReceiveNew(SipSamples.Request("INVITE"));
        _bench.Answer(invite, 486);
        Assert.Equal(486, _bench.SentStatus());
        Assert.Equal([500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500], _bench.SendTimes(40_000));
        Assert.Equal(TransactionState.Terminated, invite.State);
        Assert.Equal(0, _bench.Layer.Count);
    }

    [Fact]
    public void An_ack_stops_the_refusal_and_timer_I_ends_the_transaction()
    {
        var invite = _bench.ReceiveNew(SipSamples.Request("INVITE"));
        _bench.Answer(invite, 486);
        Assert.Equal(486, _bench.SentStatus());
        _bench.SendTimes(100);
        _bench.Receive(SipSamples.Request("ACK", toTag: "srv"));
        Assert.Equal(TransactionState.Confirmed, invite.State);
        Assert.Null(_bench.Event());
        _bench.Receive(SipSamples.Request("ACK", toTag: "srv"));
        Assert.Null(_bench.Event());
        Assert.Empty(_bench.SendTimes(4_999));
        Assert.Equal(1, _bench.Layer.Count);
        _bench.SendTimes(1);
        Assert.Equal(0, _bench.Layer.Count);
    }

    [Fact]
    public void A_repeated_invite_gets_the_refusal_again()
    {
        var invite = _bench.ReceiveNew(SipSamples.Request("INVITE"));
        _bench.Answer(invite, 404);
        Assert.Equal(404, _bench.SentStatus());
        _bench.Receive(SipSamples.Request("INVITE"));
        Assert.Equal(404, _bench.SentStatus());
    }

    [Fact]
    public void After_a_200_the_transaction_absorbs_invites_and_passes_the_ack_up_until_timer_L()
    {
        var invite = _bench.ReceiveNew(SipSamples.Request("INVITE"));
        _bench.Answer(invite, 200);
        Assert.Equal(200, _bench.SentStatus());
        Assert.Equal(TransactionState.Accepted, invite.State);
        _bench.Receive(SipSamples.Request("INVITE"));
        Assert.Null(_bench.Sent());
        Assert.Null(_bench.Event());
        _bench.Receive(SipSamples.Request("ACK", toTag: "srv"));
        Assert.IsType<AckReceived>(_bench.Event());
        Assert.Empty(_bench.SendTimes(31_999));
        Assert.Equal(1, _bench.Layer.Count);
        _bench.SendTimes(1);
        Assert.Equal(0, _bench.Layer.Count);
    }

    [Fact]
    public void A_second_final_answer_is_never_sent()
    {
        var invite = _bench.ReceiveNew(SipSamples.Request("INVITE"));
        _bench.Answer(invite, 200);
        Assert.Equal(200, _bench.SentStatus());
        _bench.Answer(invite, 487);
        Assert.Null(_bench.Sent());
        var options = _bench.ReceiveNew(SipSamples.Request("OPTIONS", branch: "z9hG4bKtwo"));
        _bench.Answer(options, 200);
        _bench.Answer(options, 500);
        Assert.Equal(200, _bench.SentStatus());
        Assert.Null(_bench.Sent());
    }

    [Fact]
    public void Timer_J_keeps_the_answer_of_a_non_invite_for_repeats()
    {
        var options = _bench.ReceiveNew(SipSamples.Request("OPTIONS"));
        _bench.Receive(SipSamples.Request("OPTIONS"));
        Assert.Null(_bench.Sent());
        _bench.Answer(options, 200);
        Assert.Equal(200, _bench.SentStatus());
        Assert.Empty(_bench.SendTimes(31_000));
        _bench.Receive(SipSamples.Request("OPTIONS"));
        Assert.Equal(200, _bench.SentStatus());
        Assert.Null(_bench.Event());
        _bench.SendTimes(1_000);
        Assert.Equal(0, _bench.Layer.Count);
    }

    [Fact]
    public void A_cancel_finds_its_invite_by_branch()
    {
        var invite = _bench.ReceiveNew(SipSamples.Request("INVITE"));
        _bench.Receive(SipSamples.Request("CANCEL"));
        var cancel = Assert.IsType<CancelReceived>(_bench.Event());
        Assert.Same(invite, cancel.Invite);
        _bench.Receive(SipSamples.Request("CANCEL", branch: "z9hG4bKother"));
        Assert.Null(Assert.IsType<CancelReceived>(_bench.Event()).Invite);
    }

    [Fact]
    public void The_same_request_over_two_paths_is_merged()
    {
        _bench.ReceiveNew(SipSamples.Request("INVITE", branch: "z9hG4bKpath1"));
        _bench.Receive(SipSamples.Request("INVITE", branch: "z9hG4bKpath2"));
        Assert.True(Assert.IsType<RequestReceived>(_bench.Event()).IsMerged);
        _bench.Receive(SipSamples.Request("INVITE", branch: "z9hG4bKpath3", cseq: 2));
        Assert.False(Assert.IsType<RequestReceived>(_bench.Event()).IsMerged);
    }

    [Fact]
    public void A_branch_that_repeats_on_another_call_is_a_transaction_of_its_own()
    {
        var first = _bench.ReceiveNew(SipSamples.Request("OPTIONS", callId: "one"));
        _bench.Answer(first, 200);
        _bench.Sent();
        var second = _bench.ReceiveNew(SipSamples.Request("OPTIONS", callId: "two"));
        Assert.NotSame(first, second);
    }

    [Fact]
    public void A_request_without_magic_cookie_is_matched_by_its_parts()
    {
        var invite = _bench.ReceiveNew(SipSamples.Request("INVITE", branch: "old"));
        _bench.Receive(SipSamples.Request("INVITE", branch: "old"));
        Assert.Null(_bench.Event());
        _bench.Answer(invite, 486);
        _bench.Receive(SipSamples.Request("ACK", branch: "old", toTag: "another"));
        Assert.IsType<AckReceived>(_bench.Event());
        Assert.Equal(TransactionState.Completed, invite.State);
        _bench.Receive(SipSamples.Request("ACK", branch: "old", toTag: "srv"));
        Assert.Equal(TransactionState.Confirmed, invite.State);
    }

    [Fact]
    public void Over_the_bound_a_request_is_refused_without_memory()
    {
        var bench = new TransactionBench(maxTransactions: 1);
        bench.ReceiveNew(SipSamples.Request("OPTIONS"));
        bench.Receive(SipSamples.Request("OPTIONS", branch: "z9hG4bKtwo", cseq: 2));
        Assert.Null(bench.Event());
        var refusal = Assert.IsType<SipResponse>(bench.Sent());
        Assert.Equal(503, refusal.Status);
        Assert.Equal("5", refusal.Headers.First("Retry-After"));
        Assert.Equal(1, bench.Counters.Dropped(SipDropReason.TooManyTransactions));
    }
}
