using Comms.Media.Numbers;
using Comms.Signaling.Sip.Message;

namespace Comms.Signaling.Sip.Transaction;

/// <summary>A transaction begun by a request of ours.</summary>
public abstract class ClientTransaction : SipTransaction
{
    private protected ClientTransaction(SipRequest request, SipFlow flow, SipTimers timers, TransactionOutputs outputs)
        : base(flow, timers, outputs)
    {
        Request = request;
        Octets = SipMessageWriter.Write(request);
    }

    public SipRequest Request { get; }

    /// <summary>Hears every response that goes up, and null when none came in time or the transport failed.</summary>
    internal Action<SipResponse?, Instant>? Heard { get; init; }

    internal ClientKey Key => new(Request.TopVia.Branch ?? "", Request.Method);

    private protected ReadOnlyMemory<byte> Octets { get; }

    private protected int RepeatMs { get; set; }

    internal void Start(Instant now)
    {
        Outputs.Send(Flow, Octets);
        RepeatMs = Timers.T1Ms;
        RepeatAt = Flow.IsReliable ? Instant.Never : now.AddMs(RepeatMs);
        EndAt = now.AddMs(Timers.TransactionMs);
    }

    internal abstract void HandleResponse(SipResponse response, Instant now);

    /// <summary>The transport could not deliver. RFC 3261 §17.1.4.</summary>
    internal void Fail()
    {
        if (State is TransactionState.Calling or TransactionState.Trying or TransactionState.Proceeding)
        {
            Outputs.Raise(new ClientTimedOut(this));
        }

        Terminate();
    }

    /// <summary>Nobody waits for the answer any more.</summary>
    internal void Abandon() => Terminate();

    private protected override void HandleEnd(Instant now) => Fail();
}
