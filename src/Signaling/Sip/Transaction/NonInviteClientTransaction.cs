using Comms.Media.Numbers;
using Comms.Signaling.Sip.Message;

namespace Comms.Signaling.Sip.Transaction;

/// <summary>RFC 3261 §17.1.2: Trying and Proceeding (timers E and F), Completed (timer K), Terminated.</summary>
public sealed class NonInviteClientTransaction : ClientTransaction
{
    internal NonInviteClientTransaction(SipRequest request, SipFlow flow, SipTimers timers, TransactionOutputs outputs)
        : base(request, flow, timers, outputs) => State = TransactionState.Trying;

    internal override void HandleResponse(SipResponse response, Instant now)
    {
        if (State is not (TransactionState.Trying or TransactionState.Proceeding))
        {
            return;
        }

        if (response.IsProvisional)
        {
            State = TransactionState.Proceeding;
        }
        else
        {
            Absorb(TransactionState.Completed, Flow.IsReliable ? 0 : Timers.T4Ms, now);
        }

        Outputs.Raise(new ResponseReceived(this, response));
    }

    private protected override void HandleRepeat(Instant now)
    {
        Outputs.Send(Flow, Octets);
        RepeatMs = State == TransactionState.Proceeding ? Timers.T2Ms : Math.Min(RepeatMs * 2, Timers.T2Ms);
        RepeatAt = now.AddMs(RepeatMs);
    }
}
