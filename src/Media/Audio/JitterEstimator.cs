using Comms.Media.Numbers;

namespace Comms.Media.Audio;

/// <summary>
/// Measures how much later than the fastest packets of a burst packets arrive, and names the delay that covers nearly all of
/// them. A histogram with forgetting, so that one bad minute does not delay the next hour.
/// </summary>
public sealed class JitterEstimator
{
    private const int BucketMs = 5;
    private const int Buckets = 60;

    /// <summary>The share of packets that must arrive in time; of the rest each costs one concealed frame.</summary>
    private const float Coverage = 0.97f;

    /// <summary>A packet's weight fades to a third over 200 packets (4 s of speech).</summary>
    private const float Forgetting = 0.995f;

    /// <summary>How many packets the initial target is worth; then the measurement outweighs it.</summary>
    private const int PriorPackets = 10;

    /// <summary>The fastest packet's travel time is forgotten at 500 ppm, more than two clocks drift apart.</summary>
    private const int DriftUsPerPacket = 10;

    private readonly float[] _weights = new float[Buckets];
    private readonly int _ticksPerSecond;
    private readonly int _minMs;
    private readonly int _maxMs;
    private int _packets = PriorPackets;
    private bool _hasBase;
    private uint _baseTimestamp;
    private Instant _baseTime;
    private long _fastestUs;

    public JitterEstimator(JitterBufferSettings settings)
    {
        _ticksPerSecond = settings.TicksPerSecond;
        _minMs = settings.MinTargetMs;
        _maxMs = settings.MaxTargetMs;
        TargetMs = Math.Clamp(settings.InitialTargetMs, _minMs, _maxMs);
        _weights[Math.Clamp(TargetMs / BucketMs - 1, 0, Buckets - 1)] = 1;
    }

    /// <summary>Delay between the fastest packets' arrival and playing, between the settings' bounds.</summary>
    public int TargetMs { get; private set; }

    /// <summary>A burst begins: its timestamps have nothing to do with the last one's. The measured spread stays.</summary>
    public void BeginBurst() => _hasBase = false;

    /// <summary>Takes a packet's arrival into account.</summary>
    public void Observe(uint timestamp, Instant now)
    {
        long delayUs = DelayUs(timestamp, now);
        if (!_hasBase)
        {
            (_hasBase, _baseTimestamp, _baseTime, _fastestUs) = (true, timestamp, now, 0);
            delayUs = 0;
        }

        _fastestUs = Math.Min(_fastestUs + DriftUsPerPacket, delayUs);
        int bucket = (int)Math.Clamp((delayUs - _fastestUs) / (BucketMs * 1_000), 0, Buckets - 1);
        // Early on every packet weighs as much as each before it; later the oldest fade.
        float keep = Math.Min(Forgetting, 1 - 1f / ++_packets);
        for (int i = 0; i < Buckets; i++) _weights[i] *= keep;
        _weights[bucket] += 1 - keep;
        TargetMs = FindTarget();
    }

    /// <summary>When a packet of the running burst should be played to meet the target.</summary>
    public Instant PlayAt(uint timestamp)
    {
        long offsetUs = TicksToUs((int)(timestamp - _baseTimestamp));
        return _baseTime.AddUs(offsetUs + _fastestUs).AddMs(TargetMs);
    }

    private long DelayUs(uint timestamp, Instant now) => now.UsSince(_baseTime) - TicksToUs((int)(timestamp - _baseTimestamp));

    private long TicksToUs(int ticks) => ticks * 1_000_000L / _ticksPerSecond;

    private int FindTarget()
    {
        float sum = 0;
        for (int bucket = 0; bucket < Buckets; bucket++)
        {
            sum += _weights[bucket];
            if (sum >= Coverage) return Math.Clamp((bucket + 1) * BucketMs, _minMs, _maxMs);
        }

        return _maxMs;
    }
}
