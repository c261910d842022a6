using Comms.Media.Numbers;
using Comms.Signaling.Sip;
using Comms.Signaling.Sip.Message;
using Comms.Signaling.Sip.Transaction;
using Xunit;

namespace Comms.Signaling.Tests.Sip.Transaction;

/// <summary>A transaction layer on a table: time is moved by hand, outputs are looked at.</summary>
internal sealed class TransactionBench
{
    public TransactionBench(int maxTransactions = 1000) => Layer = new TransactionLayer(SipTimers.Default, Counters, maxTransactions);

    public SipCounters Counters { get; } = new();

    public TransactionLayer Layer { get; }

    public Instant Now { get; private set; } = new(1_000_000_000);

    public void Receive(SipMessage message) => Layer.Handle(message, SipSamples.Flow, Now);

    public ServerTransaction ReceiveNew(SipRequest request)
    {
        Receive(request);
        return Assert.IsType<RequestReceived>(Event()).Transaction;
    }

    public void Answer(ServerTransaction transaction, int status) =>
        Layer.Respond(transaction, SipResponse.For(transaction.Request, status, "srv"), Now);

    /// <summary>Moves time to the given milliseconds from now, stopping at each deadline; returns when anything was sent, in ms.</summary>
    public List<int> SendTimes(int milliseconds)
    {
        var start = Now;
        var end = Now.AddMs(milliseconds);
        var times = new List<int>();
        while (Layer.NextDeadline <= end)
        {
            Now = Layer.NextDeadline > Now ? Layer.NextDeadline : Now;
            Layer.HandleTimeout(Now);
            while (Layer.Outputs.TryPollTransmit(out _))
            {
                times.Add((int)Now.MsSince(start));
            }
        }

        Now = end;
        return times;
    }

    public SipMessage? Sent() => Layer.Outputs.TryPollTransmit(out var transmit) ? SipSamples.Read(transmit.Octets) : null;

    public int SentStatus() => Assert.IsType<SipResponse>(Sent()).Status;

    public TransactionEvent? Event() => Layer.Outputs.TryPollEvent(out var happening) ? happening : null;
}
