using Comms.Media.Numbers;

namespace Comms.Media.Audio;

/// <summary>
/// Puts one stream's packets back into order and time. Sans-IO: <see cref="Insert"/> on arrival; <see cref="Take"/> whenever the
/// decoder needs more audio. It plays a burst's first packet after a delay that covers the measured jitter, says which audio is
/// lost so that the decoder conceals it, and rests between bursts. Owned by one loop; allocates nothing after its making.
/// </summary>
public sealed class JitterBuffer
{
    /// <summary>A longer hole is silence between two talk spurts: it is skipped, not concealed.</summary>
    private const int MaxLossMs = 120;

    /// <summary>A jump of the timestamp beyond this, either way, is another timeline.</summary>
    private const int MaxJumpMs = 2_000;

    /// <summary>Audio invented while nothing arrives; then the burst counts as over until the next packet.</summary>
    private const int MaxStarvedMs = 60;

    /// <summary>One concealment step.</summary>
    private const int StepMs = 20;

    /// <summary>More than this above the target for <see cref="SurplusTakes"/> packets is given up at the next quiet moment.</summary>
    private const int SurplusMs = 20;
    private const int SurplusTakes = 10;

    /// <summary>More than this is given up at once, quiet or not: the peer's clock or a stalled network ran away.</summary>
    private const int MaxLevelMs = 800;

    private readonly JitterBufferSlots _slots;
    private readonly JitterEstimator _jitter;
    private readonly int _ticksPerMs;
    private Phase _phase = Phase.Resting;

    /// <summary>No more packets of the burst will come: its end is no starvation.</summary>
    private bool _isEnded;
    private bool _hasStream;
    private long _stream;

    /// <summary>The timestamp to play next, once something of this timeline was played; before, its first packet's.</summary>
    private uint _expected;
    private bool _hasPlayed;
    private int _starvedTicks;
    private int _surplusTakes;
    private Instant _startAt = Instant.Never;

    public JitterBuffer(JitterBufferSettings settings)
    {
        _slots = new JitterBufferSlots(settings.Slots, settings.MaxPayloadBytes);
        _jitter = new JitterEstimator(settings);
        _ticksPerMs = settings.TicksPerSecond / 1_000;
    }

    private enum Phase
    {
        /// <summary>Nothing is played; the next packet begins to fill.</summary>
        Resting,

        /// <summary>Packets gather until the target delay is reached.</summary>
        Filling,
        Playing,
    }

    /// <summary>Delay that the measured jitter asks for.</summary>
    public int TargetMs => _jitter.TargetMs;

    /// <summary>Audio that is held.</summary>
    public int LevelMs => _slots.HeldTicks / _ticksPerMs;

    public DropCounters Drops { get; } = new();

    /// <summary>Concealment steps so far, for reports.</summary>
    public long Concealed { get; private set; }

    /// <summary>From this moment on audio can be taken; <see cref="Instant.Never"/> while resting.</summary>
    public Instant ReadyAt => _phase == Phase.Resting ? Instant.Never : _startAt;

    /// <summary>
    /// Takes a packet in. <paramref name="stream"/> names the talker's stream (burst or SSRC): another one begins anew.
    /// <paramref name="durationTicks"/> is the audio in it. Returns why it was dropped.
    /// </summary>
    public DropReason Insert(ReadOnlySpan<byte> payload, uint timestamp, int durationTicks, bool marker, long stream, Instant now)
    {
        if (payload.Length > _slots.MaxPayloadBytes || durationTicks <= 0) return Drop(DropReason.Malformed);
        if (IsOtherTimeline(timestamp, marker, stream)) BeginTimeline(timestamp, stream);
        else if (IsBehind(timestamp)) return Drop(DropReason.Late);
        if (_slots.Contains(timestamp)) return Drop(DropReason.Duplicate);
        if (_slots.IsFull) DropHead();
        bool isFresh = marker || !_hasPlayed;
        if (_phase == Phase.Resting && isFresh) _jitter.BeginBurst();
        _slots.Add(payload, timestamp, durationTicks, marker, now);
        _jitter.Observe(timestamp, now);
        if (marker || _phase == Phase.Resting) _isEnded = false;
        if (_phase == Phase.Resting) BeginFilling(isFresh ? now.AddMs(TargetMs) : _jitter.PlayAt(timestamp), now);
        else if (_phase == Phase.Filling && LevelMs - durationTicks / _ticksPerMs >= TargetMs) _startAt = Instant.Min(_startAt, now);
        return DropReason.None;
    }

    /// <summary>No more packets of the burst will come; what is held is played and its end is not concealed.</summary>
    public void EndBurst() => _isEnded = true;

    /// <summary>
    /// The next step of playing, asked for when the decoder has no audio left. <paramref name="isQuiet"/>: what was decoded last is
    /// so quiet that a packet may be left out unheard.
    /// </summary>
    public JitterBufferStep Take(Instant now, bool isQuiet)
    {
        if (_phase == Phase.Resting || (_phase == Phase.Filling && now < _startAt)) return default;
        if (_phase == Phase.Filling) BeginPlaying();
        while (LevelMs > MaxLevelMs) SkipHead();
        if (_slots.Count == 0) return Starve();
        int gap = AbsorbStarvation((int)(_slots.Head.Timestamp - _expected));
        if (gap > 0 && (_slots.Head.Marker || gap > MaxLossMs * _ticksPerMs))
        {
            // Silence, not loss: the next talk spurt gets its own delay.
            BeginFilling(_slots.Head.Arrived.AddMs(TargetMs), now);
            return Take(now, isQuiet);
        }

        if (gap > 0) return Lose(gap);
        GiveUpSurplus(isQuiet);
        return Play();
    }

    private bool IsOtherTimeline(uint timestamp, bool marker, long stream)
    {
        if (!_hasStream || stream != _stream) return true;
        if (marker && _phase == Phase.Resting && IsBehind(timestamp)) return true;
        return Math.Abs((long)(int)(timestamp - _expected)) > MaxJumpMs * _ticksPerMs;
    }

    private bool IsBehind(uint timestamp) => _hasPlayed && (int)(timestamp - _expected) < 0;

    private void BeginTimeline(uint timestamp, long stream)
    {
        for (; _slots.Count > 0; _slots.RemoveHead()) Drops.Count(DropReason.StaleBurst);
        (_hasStream, _stream, _expected, _hasPlayed) = (true, stream, timestamp, false);
        Rest();
    }

    private void BeginFilling(Instant startAt, Instant now)
    {
        _phase = Phase.Filling;
        _startAt = Instant.Min(startAt < now ? now : startAt, now.AddMs(TargetMs));
    }

    private void BeginPlaying()
    {
        _phase = Phase.Playing;
        _expected = _slots.Head.Timestamp;
        _hasPlayed = true;
        _starvedTicks = 0;
        _surplusTakes = 0;
    }

    private void Rest()
    {
        _phase = Phase.Resting;
        _startAt = Instant.Never;
    }

    // Nothing has arrived: invent some audio and shift what comes later, rather than lose it.
    private JitterBufferStep Starve()
    {
        if (_isEnded || _starvedTicks >= MaxStarvedMs * _ticksPerMs)
        {
            Rest();
            return default;
        }

        _starvedTicks += StepMs * _ticksPerMs;
        Concealed++;
        return new JitterBufferStep { Kind = JitterBufferStepKind.Conceal, Ticks = StepMs * _ticksPerMs };
    }

    // Audio that was invented while starving stands for the loss that turned out to be its cause.
    private int AbsorbStarvation(int gap)
    {
        int absorbed = Math.Clamp(gap, 0, _starvedTicks);
        _expected += (uint)absorbed;
        _starvedTicks -= absorbed;
        return gap - absorbed;
    }

    private JitterBufferStep Lose(int gap)
    {
        int ticks = Math.Min(gap, StepMs * _ticksPerMs);
        _expected += (uint)ticks;
        Concealed++;
        ReadOnlySpan<byte> next = ticks == gap ? _slots.Payload(_slots.Head) : default;
        return new JitterBufferStep { Kind = JitterBufferStepKind.Conceal, Ticks = ticks, Payload = next };
    }

    private JitterBufferStep Play()
    {
        JitterBufferPacket packet = _slots.Head;
        ReadOnlySpan<byte> payload = _slots.Payload(packet);
        _slots.RemoveHead();
        _expected = packet.Timestamp + (uint)packet.DurationTicks;
        _starvedTicks = 0;
        return new JitterBufferStep
        {
            Kind = JitterBufferStepKind.Decode,
            Payload = payload,
            Ticks = packet.DurationTicks,
            Captured = packet.Arrived,
        };
    }

    private void GiveUpSurplus(bool isQuiet)
    {
        bool isSurplus = LevelMs - _slots.Head.DurationTicks / _ticksPerMs > TargetMs + SurplusMs;
        _surplusTakes = isSurplus ? _surplusTakes + 1 : 0;
        if (_surplusTakes < SurplusTakes || !isQuiet || _slots.Count < 2) return;
        SkipHead();
        _surplusTakes = 0;
    }

    private void SkipHead()
    {
        DropHead();
        _expected = _slots.Head.Timestamp;
    }

    private void DropHead()
    {
        _slots.RemoveHead();
        Drops.Count(DropReason.BufferFull);
    }

    private DropReason Drop(DropReason reason)
    {
        Drops.Count(reason);
        return reason;
    }
}
