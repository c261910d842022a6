using System.Runtime.CompilerServices;
using Comms.Media.Numbers;

namespace Comms.Media.Fanout;

/// <summary>
/// One channel's run of Opus packets on one loop: bursts of changing talkers on one line of sequence numbers and 48 kHz timestamps.
/// A new burst's timestamp is advanced by the time since the last packet and its marker is set. Merged packets take their numbers
/// from <see cref="TakeNumber"/>; for each packet of the talker that is missing one number is left out, so that receivers see loss
/// as loss, and a packet that comes late takes the number that was left out for it.
/// </summary>
public struct VoiceTimeline
{
    private const int TicksPerMs = 48;

    /// <summary>A talker whose numbers or clock jump by more than this is taken as starting anew: listeners' SRTP indices must not run away.</summary>
    private const int MaxSequenceJump = 500;

    private const int MaxTimestampJump = 5_000 * TicksPerMs;

    /// <summary>Packets so far behind the newest may still come.</summary>
    private const int MaxBehind = 64;

    private long _burst;
    private bool _hasBurst;
    private ushort _sourceSequence;
    private uint _sourceTimestamp;
    private int _sourceTicks;
    private ushort _sequence;
    private uint _timestamp;
    private Instant _capturedAt;

    /// <summary>Bit n: the talker's packet n behind the newest is missing, and its number is free. A number never carries two payloads (SRTP).</summary>
    private ulong _missing;

    /// <summary>The numbers left out for missing packets, by the talker's sequence number modulo 64.</summary>
    private Numbers64 _leftOut;

    /// <summary>
    /// Puts one packet of the talker on the line: its timestamp becomes the channel's own, and the marker is set where a burst begins.
    /// Only a <see cref="VoicePlace.Late"/> packet gets its sequence number here.
    /// </summary>
    public VoicePlace Place(ref FrameHeader header, int ticks)
    {
        int sequenceStep = (short)(header.Sequence - _sourceSequence);
        int timestampStep = (int)(header.Timestamp - _sourceTimestamp);
        bool begins = !_hasBurst || header.Number != _burst
            || Math.Abs(sequenceStep) > MaxSequenceJump || Math.Abs((long)timestampStep) > MaxTimestampJump;
        if (begins)
        {
            Begin(ref header, ticks);
            return VoicePlace.Begins;
        }

        uint timestamp = _timestamp + (uint)timestampStep;
        if (sequenceStep <= 0) return TryFillIn(ref header, timestamp, ticks, -sequenceStep) ? VoicePlace.Late : VoicePlace.Refused;
        bool follows = sequenceStep == 1 && timestampStep == _sourceTicks;
        LeaveOut(header.Sequence, sequenceStep);
        Remember(header, timestamp, ticks);
        header = header with { Timestamp = timestamp, Ticks = ticks };
        return follows ? VoicePlace.Follows : VoicePlace.AfterGap;
    }

    /// <summary>The next number of the line, for the packet that begins now.</summary>
    public ushort TakeNumber() => ++_sequence;

    private bool TryFillIn(ref FrameHeader header, uint timestamp, int ticks, int behind)
    {
        ulong bit = behind < MaxBehind ? 1UL << behind : 0;
        if ((_missing & bit) == 0) return false;
        _missing &= ~bit;
        header = header with { Sequence = _leftOut[header.Sequence % MaxBehind], Timestamp = timestamp, Ticks = ticks };
        return true;
    }

    private void LeaveOut(ushort sourceSequence, int step)
    {
        _missing = step < MaxBehind ? _missing << step : 0;
        for (int behind = 1; behind < Math.Min(step, MaxBehind); behind++)
        {
            _missing |= 1UL << behind;
            _leftOut[(ushort)(sourceSequence - behind) % MaxBehind] = (ushort)(_sequence + step - behind);
        }

        _sequence += (ushort)(step - 1);
    }

    private void Begin(ref FrameHeader header, int ticks)
    {
        long elapsedTicks = _hasBurst ? header.Captured.UsSince(_capturedAt) * TicksPerMs / 1_000 : 0;
        uint timestamp = _timestamp + (uint)Math.Max(_sourceTicks, elapsedTicks);
        _missing = 0;
        _burst = header.Number;
        _hasBurst = true;
        Remember(header, timestamp, ticks);
        header = header with { Timestamp = timestamp, Ticks = ticks, Marker = true };
    }

    private void Remember(in FrameHeader header, uint timestamp, int ticks)
    {
        _sourceSequence = header.Sequence;
        _sourceTimestamp = header.Timestamp;
        _sourceTicks = ticks;
        _timestamp = timestamp;
        _capturedAt = header.Captured;
    }

    [InlineArray(MaxBehind)]
    private struct Numbers64
    {
        private ushort _first;
    }
}

/// <summary>Where a talker's packet lies on the channel's line.</summary>
public enum VoicePlace
{
    /// <summary>Its number is used, or it is older than the burst's first packet or than 64 packets.</summary>
    Refused,

    /// <summary>The first packet of a burst.</summary>
    Begins,

    /// <summary>Right behind the packet before it.</summary>
    Follows,

    /// <summary>Packets or audio are missing before it.</summary>
    AfterGap,

    /// <summary>One of those missing; it has the number that was left out for it.</summary>
    Late,
}
