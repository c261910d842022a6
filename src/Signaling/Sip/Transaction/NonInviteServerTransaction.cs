using Comms.Media.Numbers;
using Comms.Signaling.Sip.Message;

namespace Comms.Signaling.Sip.Transaction;

/// <summary>RFC 3261 §17.2.2: Trying, Proceeding, Completed (timer J), Terminated.</summary>
public sealed class NonInviteServerTransaction : ServerTransaction
{
    internal NonInviteServerTransaction(SipRequest request, SipFlow flow, SipTimers timers, TransactionOutputs outputs)
        : base(request, flow, timers, outputs) => State = TransactionState.Trying;

    internal override void Respond(SipResponse response, Instant now)
    {
        if (IsAnswered)
        {
            return;
        }

        Last = SipMessageWriter.Write(response);
        SendLast();
        if (response.IsProvisional)
        {
            State = TransactionState.Proceeding;
        }
        else
        {
            Absorb(TransactionState.Completed, Flow.IsReliable ? 0 : Timers.TransactionMs, now);
        }
    }

    internal override void HandleRetransmission() => SendLast();

    private protected override void HandleEnd(Instant now) => Terminate();

    private protected override void HandleRepeat(Instant now) => RepeatAt = Instant.Never;
}
