using Comms.Media.Numbers;

namespace Comms.Media.Audio;

/// <summary>
/// Turns one talker's packets, as the network delivers them, into an even run of 20 ms frames of 8 kHz PCM: jitter buffer, decoder,
/// concealment. Sans-IO: insert packets as they come; at <see cref="NextDeadline"/> take frames until there is none.
/// Between bursts it rests and asks for no wake-up.
/// </summary>
internal sealed class SpeechPlayout
{
    public const int FrameSamples = 160;
    public const int FrameMs = 20;

    /// <summary>The longest packet behind an unfinished frame.</summary>
    private const int MaxHeldSamples = 960 + FrameSamples;

    /// <summary>A stalled loop catches up at once, since listeners buffer as well; after a longer stall it begins afresh.</summary>
    private const int MaxLagMs = 1_000;

    /// <summary>
    /// A tick this late means that the loop stood still, and the packets that came meanwhile wait unread in its sockets: one more
    /// turn is given to them, because concealing what has arrived would delay the rest of the burst.
    /// </summary>
    private const int StallMs = 2 * FrameMs;

    /// <summary>Mean sample magnitude below this (some −48 dB of full scale) is a pause between words.</summary>
    private const int QuietMagnitude = 130;

    private readonly ISpeechDecoder _decoder;
    private readonly JitterBuffer _jitter;
    private readonly int _ticksPerSample;
    private readonly short[] _held = new short[MaxHeldSamples];
    private int _heldSamples;
    private long _stream = long.MinValue;
    private bool _isPlaying;
    private bool _isQuiet;
    private Instant _nextTick;

    /// <summary>After a stall: when the missed ticks are made up for. <see cref="Instant.Never"/> otherwise.</summary>
    private Instant _catchUpAt = Instant.Never;
    private Instant _captured;

    public SpeechPlayout(ISpeechDecoder decoder, JitterBufferSettings settings)
    {
        _decoder = decoder;
        _jitter = new JitterBuffer(settings);
        _ticksPerSample = settings.TicksPerSecond / G711.SamplesPerSecond;
    }

    public JitterBuffer Jitter => _jitter;

    /// <summary>When the next frame can be taken.</summary>
    public Instant NextDeadline => !_isPlaying ? _jitter.ReadyAt : _catchUpAt != Instant.Never ? _catchUpAt : _nextTick;

    /// <summary>Takes one packet; see <see cref="JitterBuffer.Insert"/>.</summary>
    public DropReason Insert(ReadOnlySpan<byte> payload, uint timestamp, int durationTicks, bool marker, long stream, Instant now)
    {
        if (stream != _stream)
        {
            _stream = stream;
            _decoder.Reset();
            _heldSamples = 0;
        }

        return _jitter.Insert(payload, timestamp, durationTicks, marker, stream, now);
    }

    public void EndBurst() => _jitter.EndBurst();

    /// <summary>Copies the next 20 ms into <paramref name="pcm"/> (160 samples) if they are due. Ask again until it says no.</summary>
    public bool TryTake(Instant now, Span<short> pcm, out SpeechFrameInfo info)
    {
        info = default;
        if (now < NextDeadline || IsFirstSightOfStall(now)) return false;
        bool isStart = !_isPlaying;
        if (isStart) _nextTick = now;
        _isPlaying = true;
        if (!FillFrame(now))
        {
            _isPlaying = false;
            _catchUpAt = Instant.Never;
            return false;
        }

        TakeHeld(pcm);
        info = new SpeechFrameInfo(isStart, _captured);
        _nextTick = now.MsSince(_nextTick) > MaxLagMs ? now.AddMs(FrameMs) : _nextTick.AddMs(FrameMs);
        if (_nextTick > now) _catchUpAt = Instant.Never;
        return true;
    }

    private bool IsFirstSightOfStall(Instant now)
    {
        if (!_isPlaying || _catchUpAt != Instant.Never || now.MsSince(_nextTick) < StallMs) return false;
        _catchUpAt = now.AddMs(1);
        return true;
    }

    // False: there is nothing left to play. A burst's last frame is filled up with silence.
    private bool FillFrame(Instant now)
    {
        while (_heldSamples < FrameSamples)
        {
            // While missed ticks are made up for, what is held is not too much.
            JitterBufferStep step = _jitter.Take(now, _isQuiet && _catchUpAt == Instant.Never);
            if (step.Kind == JitterBufferStepKind.Rest)
            {
                if (_heldSamples == 0) return false;
                _held.AsSpan(_heldSamples, FrameSamples - _heldSamples).Clear();
                _heldSamples = FrameSamples;
                return true;
            }

            Produce(step);
        }

        return true;
    }

    private void Produce(in JitterBufferStep step)
    {
        int samples = Math.Min(step.Ticks / _ticksPerSample, MaxHeldSamples - _heldSamples);
        Span<short> free = _held.AsSpan(_heldSamples);
        if (step.Kind == JitterBufferStepKind.Decode)
        {
            _captured = step.Captured;
            int decoded = _decoder.Decode(step.Payload, free);
            if (decoded > 0)
            {
                _isQuiet = IsQuiet(free[..decoded]);
                _heldSamples += decoded;
                return;
            }
        }

        // A refused payload is covered like a lost one; less than one sample must not stop the loop.
        samples = Math.Max(samples, 1);
        _decoder.Conceal(step.Kind == JitterBufferStepKind.Conceal ? step.Payload : default, free[..samples]);
        _isQuiet = false;
        _heldSamples += samples;
    }

    private void TakeHeld(Span<short> pcm)
    {
        _held.AsSpan(0, FrameSamples).CopyTo(pcm);
        _heldSamples -= FrameSamples;
        _held.AsSpan(FrameSamples, _heldSamples).CopyTo(_held);
    }

    private static bool IsQuiet(ReadOnlySpan<short> pcm)
    {
        int sum = 0;
        foreach (short sample in pcm) sum += Math.Abs((int)sample);
        return sum < QuietMagnitude * pcm.Length;
    }
}

/// <summary>What belongs to one frame of played speech.</summary>
/// <param name="IsStart">The first frame after a rest.</param>
/// <param name="Captured">When the packet that it came from arrived; of a concealed frame, the last packet before it.</param>
internal readonly record struct SpeechFrameInfo(bool IsStart, Instant Captured);
