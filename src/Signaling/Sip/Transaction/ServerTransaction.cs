using Comms.Media.Numbers;
using Comms.Signaling.Sip.Message;

namespace Comms.Signaling.Sip.Transaction;

/// <summary>A transaction begun by a peer's request. Answers go through <see cref="TransactionLayer.Respond"/>.</summary>
public abstract class ServerTransaction : SipTransaction
{
    private protected ServerTransaction(SipRequest request, SipFlow flow, SipTimers timers, TransactionOutputs outputs)
        : base(flow, timers, outputs)
    {
        Key = ServerKey.Of(request);
        Request = request;
    }

    /// <summary>The request, kept until the final response.</summary>
    public SipRequest Request { get; }

    /// <summary>True once a final response was sent.</summary>
    public bool IsAnswered => State is not (TransactionState.Trying or TransactionState.Proceeding);

    internal ServerKey Key { get; }

    internal MergeKey? MergedAs { get; set; }

    /// <summary>The octets of the newest response.</summary>
    private protected ReadOnlyMemory<byte> Last { get; set; }

    internal abstract void Respond(SipResponse response, Instant now);

    internal abstract void HandleRetransmission();

    private protected void SendLast()
    {
        if (!Last.IsEmpty)
        {
            Outputs.Send(Flow, Last);
        }
    }
}
