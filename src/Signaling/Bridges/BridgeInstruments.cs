using System.Diagnostics;
using System.Diagnostics.Metrics;
using Comms.Grains.Contracts;

namespace Comms.Signaling.Bridges;

/// <summary>Metrics of the bridges, under the meter <see cref="MeterName"/>.</summary>
public sealed class BridgeInstruments : IDisposable
{
    public const string MeterName = "Comms.Signaling.Bridges";

    private readonly Meter _meter;
    private readonly Histogram<double> _press;
    private readonly Counter<long> _revoked;
    private readonly Counter<long> _removed;
    private readonly Counter<long> _dropped;

    public BridgeInstruments(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _press = _meter.CreateHistogram(
            "comms.signaling.floor.press.duration", "s", "From a press's arrival to its decision, with the gate open when granted",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0001, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 1, 3] });
        _revoked = _meter.CreateCounter<long>("comms.signaling.floor.revoked", "{burst}", "Local bursts that the server ended, by cause");
        _removed = _meter.CreateCounter<long>("comms.signaling.members.removed", "{member}", "Local members put out of a channel");
        _dropped = _meter.CreateCounter<long>("comms.signaling.bridge.dropped", "{command}", "Commands lost to a full bridge queue");
    }

    public void Pressed(FloorDecision decision, FloorDenyCause cause, TimeSpan took) =>
        _press.Record(took.TotalSeconds, new TagList { { "decision", decision.ToString() }, { "cause", cause.ToString() } });

    public void Revoked(FloorRevokeCause cause) => _revoked.Add(1, new TagList { { "cause", cause.ToString() } });

    public void MemberRemoved() => _removed.Add(1);

    public void CommandDropped(string queue) => _dropped.Add(1, new TagList { { "queue", queue } });

    public void Dispose() => _meter.Dispose();
}
