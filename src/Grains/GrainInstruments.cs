using System.Diagnostics;
using System.Diagnostics.Metrics;
using Comms.Grains.Contracts;

namespace Comms.Grains;

/// <summary>Metrics of the grains, under the meter <see cref="MeterName"/>.</summary>
public sealed class GrainInstruments : IDisposable
{
    public const string MeterName = "Comms.Grains";

    private readonly Meter _meter;
    private readonly Histogram<double> _floorDecision;
    private readonly Counter<long> _floorEnded;
    private readonly Counter<long> _journalWritten;
    private readonly Counter<long> _journalDropped;
    private readonly Counter<long> _journalFailures;
    private readonly Counter<long> _indexChanges;

    public GrainInstruments(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _floorDecision = _meter.CreateHistogram(
            "comms.grains.floor.decision.duration", "s", "From a floor request's arrival to its decision",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.00001, 0.0001, 0.001, 0.01, 0.05, 0.1, 0.3, 1, 3] });
        _floorEnded = _meter.CreateCounter<long>("comms.grains.floor.ended", "{burst}", "Bursts ended, by cause");
        _journalWritten = _meter.CreateCounter<long>("comms.grains.journal.written", "{event}", "Journal events stored");
        _journalDropped = _meter.CreateCounter<long>("comms.grains.journal.dropped", "{event}", "Journal events lost to a full queue");
        _journalFailures = _meter.CreateCounter<long>("comms.grains.journal.failures", "{batch}", "Journal writes that failed and were tried again");
        _indexChanges = _meter.CreateCounter<long>("comms.grains.index.changes", "{change}", "Changes taken into the directory index");
    }

    public void FloorDecided(FloorDecision decision, TimeSpan took) =>
        _floorDecision.Record(took.TotalSeconds, new KeyValuePair<string, object?>("decision", decision.ToString()));

    public void FloorEnded(FloorRevokeCause cause) =>
        _floorEnded.Add(1, new KeyValuePair<string, object?>("cause", cause == FloorRevokeCause.None ? "Released" : cause.ToString()));

    public void JournalWritten(int events) => _journalWritten.Add(events);

    public void JournalDropped() => _journalDropped.Add(1);

    public void JournalFailed() => _journalFailures.Add(1);

    public void IndexChanged(CatalogKind kind) => _indexChanges.Add(1, new TagList { { "kind", kind.ToString() } });

    public void Dispose() => _meter.Dispose();
}
