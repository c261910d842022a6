using Comms.Media.Numbers;
using Comms.Signaling.Sip.Message;

namespace Comms.Signaling.Sip.Transaction;

/// <summary>
/// RFC 3261 §17.1.1 with RFC 6026: Calling (timers A and B), Proceeding, Completed (its own ACK, timer D), Accepted
/// (every 2xx goes up, timer M).
/// </summary>
public sealed class InviteClientTransaction : ClientTransaction
{
    private ReadOnlyMemory<byte> _ack;

    internal InviteClientTransaction(SipRequest request, SipFlow flow, SipTimers timers, TransactionOutputs outputs)
        : base(request, flow, timers, outputs) => State = TransactionState.Calling;

    internal override void HandleResponse(SipResponse response, Instant now)
    {
        switch (State)
        {
            case TransactionState.Calling or TransactionState.Proceeding when response.IsProvisional:
                State = TransactionState.Proceeding;
                RepeatAt = Instant.Never;
                EndAt = Instant.Never;
                Outputs.Raise(new ResponseReceived(this, response));
                break;
            case TransactionState.Calling or TransactionState.Proceeding when response.IsSuccess:
                Absorb(TransactionState.Accepted, Timers.TransactionMs, now);
                Outputs.Raise(new ResponseReceived(this, response));
                break;
            case TransactionState.Calling or TransactionState.Proceeding:
                _ack = SipMessageWriter.Write(BuildAck(response));
                Outputs.Send(Flow, _ack);
                Absorb(TransactionState.Completed, Flow.IsReliable ? 0 : Timers.DMs, now);
                Outputs.Raise(new ResponseReceived(this, response));
                break;
            case TransactionState.Completed when !response.IsProvisional && !response.IsSuccess:
                Outputs.Send(Flow, _ack);
                break;
            case TransactionState.Accepted when response.IsSuccess:
                Outputs.Raise(new ResponseReceived(this, response));
                break;
        }
    }

    private protected override void HandleRepeat(Instant now)
    {
        Outputs.Send(Flow, Octets);
        RepeatMs *= 2;
        RepeatAt = now.AddMs(RepeatMs);
    }

    // RFC 3261 §17.1.1.3: the INVITE's own top Via, Request-URI, From, Call-ID and Route; the response's To.
    private SipRequest BuildAck(SipResponse response)
    {
        var parts = new RequestParts(Request.TopVia, Request.From, response.To, Request.CallId, Request.CSeq.Number);
        var ack = SipRequest.Create(SipMethods.Ack, Request.Uri, parts);
        foreach (var route in Request.Headers.All(SipHeaderNames.Route))
        {
            ack.Headers.Add(SipHeaderNames.Route, route);
        }

        return ack;
    }
}
