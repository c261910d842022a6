namespace Comms.Signaling.Sip.Transaction;

/// <summary>What one mutation produced, until it is drained. Shared by the layers of one SIP core, used by its thread only.</summary>
public sealed class TransactionOutputs
{
    private readonly Queue<SipTransmit> _transmits = new();
    private readonly Queue<TransactionEvent> _events = new();

    public void Send(SipFlow flow, ReadOnlyMemory<byte> octets) => _transmits.Enqueue(new SipTransmit(flow, octets));

    public void Raise(TransactionEvent happening) => _events.Enqueue(happening);

    public bool TryPollTransmit(out SipTransmit transmit) => _transmits.TryDequeue(out transmit);

    public bool TryPollEvent(out TransactionEvent? happening) => _events.TryDequeue(out happening);
}
