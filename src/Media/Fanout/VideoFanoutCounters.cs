namespace Comms.Media.Fanout;

/// <summary>What one feed's fan-out sent on one loop. Written on that loop; a reader elsewhere sees a recent value.</summary>
public sealed class VideoFanoutCounters
{
    public long Sent { get; internal set; }

    /// <summary>Packets sent again on a NACK.</summary>
    public long Resent { get; internal set; }

    /// <summary>Viewers set back to the cached key frame on a PLI.</summary>
    public long Rewinds { get; internal set; }
}
