using Comms.Media.Numbers;

namespace Comms.Media.Fanout;

/// <summary>
/// Where one viewer stands in a feed: the next packet to send, its timeline, and which of its sequence numbers carried
/// which packet, so that a NACK is answered from the shared store. Owned by the viewer's loop.
/// </summary>
internal sealed class VideoViewerState(IVideoViewer viewer)
{
    private const int MaxRuns = 8;
    private const int BurstBytesPerMs = 12_500;
    private const int MaxBurstBytes = 64 * 1024;
    private const int MaxResends = 256;

    private readonly Run[] _runs = new Run[MaxRuns];
    private int _runCount;
    private long _lastSequence = -1;
    private VideoTimeline _timeline;
    private uint _lastTimestamp;
    private long _lastTicks;
    private Instant _lastUnitAt;
    private bool _startsRun;
    private int _burstBytes;
    private Instant _burstAt;
    private int _resends;
    private Instant _resendsAt;

    public IVideoViewer Viewer { get; } = viewer;

    /// <summary>The number of the next packet; -1 while waiting for a key frame.</summary>
    public long Next { get; private set; } = -1;

    /// <summary>Something was sent since the viewer joined this feed.</summary>
    public bool HasStarted { get; private set; }

    /// <summary>Cached pictures are being sent faster than real time.</summary>
    public bool IsCatchingUp { get; private set; }

    /// <summary>When a key frame last began to be sent.</summary>
    public Instant KeyFrameSentAt { get; private set; }

    /// <summary>Begins at a key frame; the store's newest packet tells how much past there is to catch up.</summary>
    public void JoinAt(long keyNumber, VideoPacketStore store, Instant now)
    {
        Next = keyNumber;
        var backlog = store[store.End - 1].Ticks - store[keyNumber].Ticks;
        IsCatchingUp = backlog > 0;
        Anchor(store[keyNumber].Ticks, now, IsCatchingUp ? VideoTimeline.SpeedFor(backlog) : 1);
        _burstBytes = MaxBurstBytes;
        _burstAt = now;
    }

    /// <summary>Waits for the next key frame.</summary>
    public void Wait()
    {
        Next = -1;
        IsCatchingUp = false;
    }

    /// <summary>When the picture that begins with this packet may be sent; a moment not after now means at once.</summary>
    public Instant DueOf(in VideoPacket packet, Instant now)
    {
        if (!IsCatchingUp)
        {
            return now;
        }

        var due = _timeline.DueAt(packet.Ticks);
        return due > now ? due : BurstAllowedAt(now);
    }

    /// <summary>The timestamp for the next packet. The first live picture after catching up starts a real-time timeline.</summary>
    public uint TimestampOf(in VideoPacket packet, Instant now)
    {
        if (packet.IsFirst && !IsCatchingUp && _timeline.Speed != 1)
        {
            var elapsed = Math.Clamp(now.MsSince(_lastUnitAt) * VideoTimeline.TicksPerMs, 1, Math.Max(1, packet.Ticks - _lastTicks));
            _timeline = new VideoTimeline(packet.Ticks, _lastTimestamp + (uint)elapsed, now, 1);
            _startsRun = true;
        }

        return _timeline.TimestampOf(packet.Ticks);
    }

    /// <summary>Notes that the next packet went out under that RTP sequence number.</summary>
    public void HandleSent(in VideoPacket packet, int sequence, uint timestamp, Instant now)
    {
        var step = _lastSequence < 0 ? sequence + 1 : (ushort)(sequence - (int)_lastSequence);
        _lastSequence += step;
        if (_startsRun || step != 1)
        {
            _runs[_runCount++ % MaxRuns] = new Run(_lastSequence, Next, _timeline);
            _startsRun = false;
        }

        if (packet.IsFirst)
        {
            _lastUnitAt = now;
            KeyFrameSentAt = packet.BeginsKeyFrame ? now : KeyFrameSentAt;
        }

        _lastTimestamp = timestamp;
        _lastTicks = packet.Ticks;
        _burstBytes -= IsCatchingUp ? packet.Length : 0;
        HasStarted = true;
        Next++;
    }

    /// <summary>Everything cached is sent: from here on pictures go out as they come.</summary>
    public void EndCatchUp() => IsCatchingUp = false;

    /// <summary>Which packet went out under a sequence number, and under which timestamp. False: too long ago.</summary>
    public bool TryFind(ushort sequence, out long number, out VideoTimeline timeline)
    {
        var wanted = _lastSequence - (ushort)((int)_lastSequence - sequence);
        for (var i = _runCount - 1; i >= Math.Max(0, _runCount - MaxRuns); i--)
        {
            var run = _runs[i % MaxRuns];
            if (run.FirstSequence <= wanted)
            {
                number = run.FirstNumber + wanted - run.FirstSequence;
                timeline = run.Timeline;
                return true;
            }
        }

        number = -1;
        timeline = default;
        return false;
    }

    /// <summary>One packet per millisecond on average, so that a forged or endless NACK cannot multiply traffic.</summary>
    public bool TryTakeResend(Instant now)
    {
        _resends = (int)Math.Min(MaxResends, _resends + now.MsSince(_resendsAt));
        _resendsAt = now;
        return _resends > 0 && _resends-- > 0;
    }

    private void Anchor(long ticks, Instant now, int speed)
    {
        var timestamp = VideoTimeline.TimestampAt(now);
        if (Viewer.LastVideoTimestamp is { } last && (int)(timestamp - last) <= 0)
        {
            timestamp = last + VideoTimeline.TicksPerMs;
        }

        _timeline = new VideoTimeline(ticks, timestamp, now, speed);
        _startsRun = true;
    }

    private Instant BurstAllowedAt(Instant now)
    {
        var passedMs = now.MsSince(_burstAt);
        if (passedMs > 0)
        {
            _burstBytes = (int)Math.Min(MaxBurstBytes, _burstBytes + passedMs * BurstBytesPerMs);
            _burstAt = now;
        }

        return _burstBytes > 0 ? now : now.AddMs(1 - _burstBytes / BurstBytesPerMs);
    }

    /// <summary>From this sequence number on packets were consecutive and on one timeline.</summary>
    private readonly record struct Run(long FirstSequence, long FirstNumber, VideoTimeline Timeline);
}
