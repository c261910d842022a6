using Comms.Media.Numbers;
using Comms.Signaling.Sip.Message;

namespace Comms.Signaling.Sip.Transaction;

/// <summary>
/// RFC 3261 §17.2.1 with RFC 6026: Proceeding, then Accepted after a 2xx (timer L; the 2xx is the dialog's to repeat) or
/// Completed after 300–699 (timers G and H) and Confirmed by the ACK (timer I).
/// </summary>
public sealed class InviteServerTransaction : ServerTransaction
{
    private int _repeatMs;

    internal InviteServerTransaction(SipRequest request, SipFlow flow, SipTimers timers, TransactionOutputs outputs, Instant now)
        : base(request, flow, timers, outputs)
    {
        State = TransactionState.Proceeding;
        RepeatAt = now.AddMs(timers.TryingMs);
    }

    /// <summary>The To tag of the final response; null before it. An RFC 2543 ACK must carry it.</summary>
    public string? AnsweredTag { get; private set; }

    internal override void Respond(SipResponse response, Instant now)
    {
        switch (State)
        {
            case TransactionState.Proceeding when response.IsProvisional:
                Last = SipMessageWriter.Write(response);
                RepeatAt = Instant.Never;
                SendLast();
                break;
            case TransactionState.Proceeding when response.IsSuccess:
                AnsweredTag = response.To.Tag;
                Outputs.Send(Flow, SipMessageWriter.Write(response));
                Absorb(TransactionState.Accepted, Timers.TransactionMs, now);
                break;
            case TransactionState.Proceeding:
                Reject(response, now);
                break;
            case TransactionState.Accepted when response.IsSuccess:
                Outputs.Send(Flow, SipMessageWriter.Write(response));
                break;
        }
    }

    /// <summary>An ACK with this transaction's branch. True when it was for a 300–699; false when the dialog must see it.</summary>
    internal bool HandleAck(SipRequest ack, Instant now)
    {
        if (State == TransactionState.Accepted || (AnsweredTag is { } tag && ack.To.Tag is { } theirs && theirs != tag))
        {
            return false;
        }

        if (State == TransactionState.Completed)
        {
            Absorb(TransactionState.Confirmed, Flow.IsReliable ? 0 : Timers.T4Ms, now);
        }

        return true;
    }

    internal override void HandleRetransmission()
    {
        if (State is TransactionState.Proceeding or TransactionState.Completed)
        {
            SendLast();
        }
    }

    private protected override void HandleEnd(Instant now) => Terminate();

    private protected override void HandleRepeat(Instant now)
    {
        if (State == TransactionState.Proceeding)
        {
            Respond(SipResponse.For(Request, SipStatus.Trying), now);
            return;
        }

        SendLast();
        _repeatMs = Math.Min(_repeatMs * 2, Timers.T2Ms);
        RepeatAt = now.AddMs(_repeatMs);
    }

    private void Reject(SipResponse response, Instant now)
    {
        State = TransactionState.Completed;
        AnsweredTag = response.To.Tag;
        Last = SipMessageWriter.Write(response);
        _repeatMs = Timers.T1Ms;
        RepeatAt = Flow.IsReliable ? Instant.Never : now.AddMs(_repeatMs);
        EndAt = now.AddMs(Timers.TransactionMs);
        SendLast();
    }
}
