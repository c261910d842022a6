using Comms.Media.Numbers;

namespace Comms.Media.Audio;

/// <summary>RTP timestamps of frames of 20 ms: contiguous in a burst, advanced by the elapsed time over a rest. RFC 3550 §5.1.</summary>
internal struct RunningTimestamp(int ticksPerSecond)
{
    private uint _next;
    private Instant _nextAt;
    private bool _hasBegun;

    /// <summary>The timestamp of a frame that is produced now.</summary>
    public uint Next(bool isStart, Instant now)
    {
        if (isStart && _hasBegun && now > _nextAt) _next += (uint)(now.UsSince(_nextAt) * ticksPerSecond / 1_000_000);
        uint timestamp = _next;
        _next += (uint)(SpeechPlayout.FrameMs * ticksPerSecond / 1_000);
        _nextAt = now.AddMs(SpeechPlayout.FrameMs);
        _hasBegun = true;
        return timestamp;
    }
}
