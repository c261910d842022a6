namespace Comms.Media.Fanout;

/// <summary>What one feed's fan-out did on one loop. Written on that loop; may be read anywhere.</summary>
public sealed class VideoFanoutCounters
{
    public long Sent { get; internal set; }

    /// <summary>Packets sent again on a NACK.</summary>
    public long Resent { get; internal set; }

    /// <summary>Viewers set back to the cached key frame on a PLI.</summary>
    public long Rewinds { get; internal set; }

    /// <summary>Viewers that fell behind the cache and were set forward to a key frame.</summary>
    public long DroppedViewerBehind { get; internal set; }

    /// <summary>NACKs for packets that are no longer cached.</summary>
    public long DroppedNotInHistory { get; internal set; }

    /// <summary>NACKs beyond what one viewer may ask for.</summary>
    public long DroppedResendLimit { get; internal set; }

    /// <summary>Pictures that found no cache memory.</summary>
    public long DroppedNoMemory { get; internal set; }

    /// <summary>Packets carried from another loop while no key frame had come, or nobody watched.</summary>
    public long DroppedAwaitingKey { get; internal set; }
}
