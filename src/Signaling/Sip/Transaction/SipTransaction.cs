using Comms.Media.Numbers;

namespace Comms.Signaling.Sip.Transaction;

/// <summary>
/// What the four transaction machines share: a state and at most two running timers. Owned by
/// <see cref="TransactionLayer"/>; one mutation, then the layer drains its outputs.
/// </summary>
public abstract class SipTransaction
{
    private protected SipTransaction(SipFlow flow, SipTimers timers, TransactionOutputs outputs)
    {
        Flow = flow;
        Timers = timers;
        Outputs = outputs;
    }

    public SipFlow Flow { get; }

    public TransactionState State { get; private protected set; }

    /// <summary>The earlier of the two timers.</summary>
    public Instant NextDeadline => Instant.Min(RepeatAt, EndAt);

    /// <summary>Where the layer's timer queue last put this transaction; earlier than any other entry of it.</summary>
    internal Instant QueuedAt { get; set; } = Instant.Never;

    private protected SipTimers Timers { get; }

    private protected TransactionOutputs Outputs { get; }

    /// <summary>Timer A, E or G: when to send again.</summary>
    private protected Instant RepeatAt { get; set; } = Instant.Never;

    /// <summary>Timer B, D, F, H, I, J, K, L or M: when the state ends.</summary>
    private protected Instant EndAt { get; set; } = Instant.Never;

    internal void HandleTimeout(Instant now)
    {
        if (EndAt <= now)
        {
            HandleEnd(now);
        }
        else if (RepeatAt <= now)
        {
            HandleRepeat(now);
        }
    }

    private protected abstract void HandleEnd(Instant now);

    private protected abstract void HandleRepeat(Instant now);

    private protected void Terminate()
    {
        State = TransactionState.Terminated;
        RepeatAt = Instant.Never;
        EndAt = Instant.Never;
    }

    /// <summary>Enters a state that only absorbs what comes late; it ends at once where nothing can come late.</summary>
    private protected void Absorb(TransactionState state, long milliseconds, Instant now)
    {
        State = state;
        RepeatAt = Instant.Never;
        EndAt = now.AddMs(milliseconds);
        if (milliseconds == 0)
        {
            Terminate();
        }
    }
}
