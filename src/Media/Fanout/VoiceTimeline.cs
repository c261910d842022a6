using Comms.Media.Numbers;

namespace Comms.Media.Fanout;

/// <summary>
/// One channel's run of Opus packets on one loop: bursts of changing talkers on one line of sequence numbers and 48 kHz timestamps.
/// A new burst begins one number on, its timestamp advanced by the time since the last packet, with the marker set. Inside a
/// burst the talker's own order and gaps stay, so that receivers see loss as loss.
/// </summary>
public struct VoiceTimeline
{
    private const int TicksPerMs = 48;
    private const int ShortestFrameTicks = 480;

    /// <summary>A talker whose numbers or clock jump by more than this is taken as starting anew: listeners' SRTP indices must not run away.</summary>
    private const int MaxSequenceJump = 500;

    private const int MaxTimestampJump = 5_000 * TicksPerMs;

    private long _burst;
    private bool _hasBurst;
    private ushort _sourceSequence;
    private uint _sourceTimestamp;
    private ushort _sequence;
    private uint _timestamp;
    private Instant _capturedAt;

    /// <summary>Bit n: the number n behind the newest is used. A number must never carry two payloads (SRTP).</summary>
    private ulong _used;

    /// <summary>
    /// Places one packet. False: its number is used, or it is older than the burst's first packet or than 64 packets. The header's
    /// sequence, timestamp and marker become the channel's own.
    /// </summary>
    public bool TryPlace(ref FrameHeader header)
    {
        int sequenceStep = (short)(header.Sequence - _sourceSequence);
        int timestampStep = (int)(header.Timestamp - _sourceTimestamp);
        bool begins = !_hasBurst || header.Number != _burst
            || Math.Abs(sequenceStep) > MaxSequenceJump || Math.Abs((long)timestampStep) > MaxTimestampJump;
        if (begins)
        {
            Begin(ref header);
            return true;
        }

        ushort sequence = (ushort)(_sequence + sequenceStep);
        uint timestamp = _timestamp + (uint)timestampStep;
        if (!TryUse(sequenceStep)) return false;
        if (sequenceStep > 0)
        {
            _sourceSequence = header.Sequence;
            _sourceTimestamp = header.Timestamp;
            _sequence = sequence;
            _timestamp = timestamp;
            _capturedAt = header.Captured;
        }

        header = header with { Sequence = sequence, Timestamp = timestamp };
        return true;
    }

    private bool TryUse(int step)
    {
        if (step > 0)
        {
            // Numbers that were left out stay free for packets that come late.
            _used = (step < 64 ? _used << step : 0) | 1;
            return true;
        }

        ulong bit = step > -64 ? 1UL << -step : 0;
        if (bit == 0 || (_used & bit) != 0) return false;
        _used |= bit;
        return true;
    }

    private void Begin(ref FrameHeader header)
    {
        long elapsedTicks = _hasBurst ? header.Captured.UsSince(_capturedAt) * TicksPerMs / 1_000 : 0;
        _timestamp += (uint)Math.Max(ShortestFrameTicks, elapsedTicks);
        _sequence++;
        _used = ulong.MaxValue;
        _burst = header.Number;
        _hasBurst = true;
        _sourceSequence = header.Sequence;
        _sourceTimestamp = header.Timestamp;
        _capturedAt = header.Captured;
        header = header with { Sequence = _sequence, Timestamp = _timestamp, Marker = true };
    }
}
