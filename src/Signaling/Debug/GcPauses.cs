using System.Diagnostics.Metrics;
using System.Diagnostics.Tracing;

namespace Comms.Signaling.Debug;

/// <summary>
/// How long the runtime held all threads for garbage collection: a histogram of all pauses by generation, and the longest of the
/// last minute. Fed by the runtime's own events, which carry their own times; costs nothing between collections.
/// </summary>
public sealed class GcPauses : EventListener
{
    private const EventKeywords Collections = (EventKeywords)1;
    private const int CollectionBegan = 1;
    private const int RestartEnded = 3;
    private const int SuspendBegan = 9;
    private readonly Meter? _meter;
    private readonly Histogram<double>? _pauses;
    private readonly LongestOfMinute _longest = new();
    private long _suspendedTicks;
    private int _generation;

    public GcPauses(TimeProvider time)
    {
        _meter = new Meter("comms.runtime");
        _pauses = _meter.CreateHistogram("comms.gc.pause", "s", "Time for which garbage collection held all threads", advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5],
        });
        _meter.CreateObservableGauge("comms.gc.pause.longest", () => _longest.Read(time.GetUtcNow().Ticks) / (double)TimeSpan.TicksPerSecond, "s",
            "The longest pause of the last minute");
    }

    public override void Dispose()
    {
        base.Dispose();
        _meter?.Dispose();
    }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "Microsoft-Windows-DotNETRuntime") EnableEvents(eventSource, EventLevel.Informational, Collections);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventId == SuspendBegan) _suspendedTicks = eventData.TimeStamp.Ticks;
        if (eventData is { EventId: CollectionBegan, Payload: [_, uint generation, ..] }) _generation = (int)generation;
        if (eventData.EventId != RestartEnded || _suspendedTicks == 0) return;
        long pause = eventData.TimeStamp.Ticks - _suspendedTicks;
        _suspendedTicks = 0;
        _longest?.Add(eventData.TimeStamp.Ticks, pause);
        _pauses?.Record(pause / (double)TimeSpan.TicksPerSecond, new KeyValuePair<string, object?>("generation", _generation));
    }
}
