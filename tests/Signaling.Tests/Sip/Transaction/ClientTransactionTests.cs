using Comms.Signaling.Sip;
using Comms.Signaling.Sip.Message;
using Comms.Signaling.Sip.Transaction;
using Xunit;

namespace Comms.Signaling.Tests.Sip.Transaction;

public sealed class ClientTransactionTests
{
    private readonly TransactionBench _bench = new();

    [Fact]
    public void Timer_A_doubles_and_timer_B_ends_an_unanswered_invite()
    {
        Send("INVITE");
        Assert.Equal([500, 1500, 3500, 7500, 15500, 31500], _bench.SendTimes(40_000));
        Assert.IsType<ClientTimedOut>(_bench.Event());
        Assert.Equal(0, _bench.Layer.Count);
    }

    [Fact]
    public void A_provisional_answer_stops_timer_A_for_good()
    {
        var invite = Send("INVITE");
        Respond(invite, 180);
        Assert.Equal(180, Assert.IsType<ResponseReceived>(_bench.Event()).Response.Status);
        Assert.Empty(_bench.SendTimes(100_000));
        Assert.Equal(TransactionState.Proceeding, invite.State);
    }

    [Fact]
    public void A_refusal_is_acknowledged_as_often_as_it_comes_until_timer_D()
    {
        var invite = Send("INVITE");
        Respond(invite, 486);
        var ack = Assert.IsType<SipRequest>(_bench.Sent());
        Assert.Equal("ACK", ack.Method);
        Assert.Equal(invite.Request.TopVia.Branch, ack.TopVia.Branch);
        Assert.Equal("peer", ack.To.Tag);
        Assert.Equal(invite.Request.CSeq.Number, ack.CSeq.Number);
        Assert.IsType<ResponseReceived>(_bench.Event());
        Respond(invite, 486);
        Assert.Equal("ACK", Assert.IsType<SipRequest>(_bench.Sent()).Method);
        Assert.Null(_bench.Event());
        _bench.SendTimes(31_999);
        Assert.Equal(1, _bench.Layer.Count);
        _bench.SendTimes(1);
        Assert.Equal(0, _bench.Layer.Count);
    }

    [Fact]
    public void Every_2xx_goes_up_until_timer_M_and_then_as_stray()
    {
        var invite = Send("INVITE");
        Respond(invite, 200);
        Respond(invite, 200);
        Assert.IsType<ResponseReceived>(_bench.Event());
        Assert.IsType<ResponseReceived>(_bench.Event());
        Assert.Null(_bench.Sent());
        _bench.SendTimes(32_000);
        Assert.Equal(0, _bench.Layer.Count);
        Respond(invite, 200);
        Assert.IsType<StraySuccess>(_bench.Event());
    }

    [Fact]
    public void Timer_E_doubles_up_to_T2_and_timer_F_ends_an_unanswered_bye()
    {
        Send("BYE");
        Assert.Equal([500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500], _bench.SendTimes(40_000));
        Assert.IsType<ClientTimedOut>(_bench.Event());
        Assert.Equal(0, _bench.Layer.Count);
    }

    [Fact]
    public void A_provisional_answer_sets_timer_E_to_T2_and_timer_F_still_ends_it()
    {
        var bye = Send("BYE");
        Respond(bye, 100);
        Assert.IsType<ResponseReceived>(_bench.Event());
        Assert.Equal([500, 4500, 8500, 12500, 16500, 20500, 24500, 28500], _bench.SendTimes(40_000));
        Assert.IsType<ClientTimedOut>(_bench.Event());
    }

    [Fact]
    public void Timer_K_absorbs_repeated_answers()
    {
        var bye = Send("BYE");
        Respond(bye, 200);
        Respond(bye, 200);
        Assert.IsType<ResponseReceived>(_bench.Event());
        Assert.Null(_bench.Event());
        _bench.SendTimes(4_999);
        Assert.Equal(1, _bench.Layer.Count);
        _bench.SendTimes(1);
        Assert.Equal(0, _bench.Layer.Count);
    }

    [Fact]
    public void A_response_of_no_transaction_or_with_a_foreign_via_is_counted_and_dropped()
    {
        var bye = Send("BYE");
        var stray = SipResponse.For(SipSamples.Request("OPTIONS"), 200);
        _bench.Receive(stray);
        var misrouted = SipResponse.For(bye.Request, 200);
        misrouted.Headers.Add(SipHeaderNames.Via, "SIP/2.0/UDP other;branch=z9hG4bKx");
        _bench.Receive(misrouted);
        Assert.Null(_bench.Event());
        Assert.Equal(2, _bench.Counters.Dropped(SipDropReason.StrayResponse));
    }

    [Fact]
    public void A_transport_failure_ends_requests_to_that_peer_at_once()
    {
        Send("BYE");
        _bench.Layer.HandleTransportFailure(SipSamples.Flow);
        Assert.IsType<ClientTimedOut>(_bench.Event());
        Assert.Equal(0, _bench.Layer.Count);
    }

    private ClientTransaction Send(string method)
    {
        var transaction = _bench.Layer.Send(SipSamples.Request(method, toTag: "peer"), SipSamples.Flow, _bench.Now);
        Assert.NotNull(_bench.Sent());
        return transaction;
    }

    private void Respond(ClientTransaction transaction, int status) => _bench.Receive(SipResponse.For(transaction.Request, status));
}
