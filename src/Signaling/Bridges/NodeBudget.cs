using Comms.Grains;
using Comms.Grains.Contracts;
using Comms.Media.Node;

namespace Comms.Signaling.Bridges;

/// <summary>
/// How much this node may take in: cameras, transcodes, bits per second. Media is asked at most once a second; what was let in
/// since counts on top, so that a rush cannot slip through. Thread-safe.
/// </summary>
internal sealed class NodeBudget(IMediaNode media, CameraOptions options, GrainOptions grains, TimeProvider time)
{
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private FeedLoad _load;
    private DateTimeOffset _readAt = DateTimeOffset.MinValue;
    private double _bitsPerSecond;
    private int _pullsSince;
    private int _transcodesSince;

    /// <summary>A feed that nobody watches any more is gone after this, so that trying again then may help.</summary>
    private int RetryAfterSeconds => Math.Max(1, (int)Math.Ceiling(grains.CameraGraceMs / 1000.0));

    /// <summary>Lets one more camera in: null, or the refusal that says which budget is used up and when to try again.</summary>
    public async ValueTask<Outcome?> TakeAsync(bool needsTranscode)
    {
        await ReadAsync();
        lock (_lock)
        {
            if (_load.Pulls + _pullsSince >= options.MaxPulls)
                return Refuse("pulls", $"This node takes in {options.MaxPulls} cameras already (Cameras:MaxPulls).");
            if (needsTranscode && _load.Transcodes + _transcodesSince >= options.MaxTranscodes)
                return Refuse("transcodes", $"This node converts {options.MaxTranscodes} cameras already (Cameras:MaxTranscodes).");
            if (_bitsPerSecond >= options.MaxMegabitsPerSecond * 1e6)
                return Refuse("bits", $"This node takes in {options.MaxMegabitsPerSecond} Mbit/s already (Cameras:MaxMegabitsPerSecond).");
            _pullsSince++;
            if (needsTranscode) _transcodesSince++;
            return null;
        }
    }

    private Outcome Refuse(string budget, string detail) => new(OutcomeCode.Exhausted, detail, budget, RetryAfterSeconds);

    private async ValueTask ReadAsync()
    {
        DateTimeOffset now = time.GetUtcNow();
        lock (_lock)
        {
            if (now < _readAt + Freshness) return;
        }

        FeedLoad load = await media.ReadFeedLoadAsync();
        lock (_lock)
        {
            double seconds = (now - _readAt).TotalSeconds;
            if (seconds <= 0) return;
            _bitsPerSecond = Math.Max(0, load.BytesTakenIn - _load.BytesTakenIn) * 8 / seconds;
            _load = load;
            _readAt = now;
            _pullsSince = _transcodesSince = 0;
        }
    }
}
