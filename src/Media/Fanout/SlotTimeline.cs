using Comms.Media.Numbers;

namespace Comms.Media.Fanout;

/// <summary>
/// The sending timeline of one listener's slot: one run of sequence numbers and 48 kHz timestamps for the slot's life,
/// whoever talks. Within a burst timestamps keep the talker's distances; a new burst begins where the elapsed time has
/// brought the timeline and carries the marker. RFC 3550 §5.1, RFC 3551 §4.1, RFC 7587 §4.1.
/// </summary>
public struct SlotTimeline(ushort firstSequence, uint firstTimestamp)
{
    private const int TicksPerMs = 48;

    /// <summary>The next burst's first frame stands at least this far behind the former's last: one Opus frame.</summary>
    private const uint SmallestStepTicks = 20 * TicksPerMs;

    private long _burst;
    private Instant _newestAt;
    private uint _offset;
    private uint _newestTimestamp = firstTimestamp;
    private ushort _sequence = firstSequence;

    /// <summary>The header fields under which the slot sends the next frame.</summary>
    /// <param name="burst">Id of the burst that the frame belongs to; not 0.</param>
    /// <param name="sourceTimestamp">The talker's own timestamp.</param>
    /// <param name="now">When the frame is sent; never earlier than the call before.</param>
    public SlotStamp Next(BurstId burst, uint sourceTimestamp, Instant now)
    {
        bool isNewBurst = burst.Value != _burst;
        if (isNewBurst)
        {
            uint elapsed = _burst == 0 ? 0 : Math.Max(SmallestStepTicks, (uint)(now.UsSince(_newestAt) * TicksPerMs / 1_000));
            _offset = _newestTimestamp + elapsed - sourceTimestamp;
            _burst = burst.Value;
        }

        uint timestamp = sourceTimestamp + _offset;
        if (isNewBurst || (int)(timestamp - _newestTimestamp) > 0)
        {
            _newestTimestamp = timestamp;
            _newestAt = now;
        }

        return new SlotStamp(_sequence++, timestamp, isNewBurst);
    }

    /// <summary>The timestamp that belongs to a moment at or after the newest frame: for sender reports.</summary>
    public readonly uint TimestampAt(Instant now) => _newestTimestamp + (uint)(now.UsSince(_newestAt) * TicksPerMs / 1_000);
}

/// <summary>RTP header fields of one frame in one listener's slot.</summary>
public readonly record struct SlotStamp(ushort SequenceNumber, uint Timestamp, bool Marker);
