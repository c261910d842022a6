using System.Diagnostics.Metrics;
using Comms.Signaling.Sip.Transport;

namespace Comms.Signaling.Sip;

/// <summary>Metrics of the SIP side, under the meter <see cref="MeterName"/>; read when they are scraped.</summary>
public sealed class SipInstruments : IDisposable
{
    public const string MeterName = "Comms.Signaling.Sip";

    private readonly Meter _meter;

    public SipInstruments(IMeterFactory meters, SipEndpoint endpoint)
    {
        _meter = meters.Create(MeterName);
        _meter.CreateObservableGauge("comms.sip.calls", () => endpoint.Calls, "{call}", "Calls at this moment");
        _meter.CreateObservableGauge("comms.sip.connections", () => endpoint.Connections, "{connection}", "TCP and TLS connections at this moment");
        _meter.CreateObservableGauge("comms.sip.transactions", () => endpoint.Transactions, "{transaction}", "Transactions at this moment");
        _meter.CreateObservableCounter("comms.sip.received", () => endpoint.Counters.Received, "{packet}", "Packets that arrived");
        _meter.CreateObservableCounter("comms.sip.sent", () => endpoint.Counters.Sent, "{packet}", "Packets sent");
        _meter.CreateObservableCounter("comms.sip.dropped", () => Drops(endpoint.Counters), "{packet}", "Packets without effect, by reason");
    }

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<long>> Drops(SipCounters counters) => Enum.GetValues<SipDropReason>()
        .Select(reason => new Measurement<long>(counters.Dropped(reason), new KeyValuePair<string, object?>("reason", reason.ToString())));
}
