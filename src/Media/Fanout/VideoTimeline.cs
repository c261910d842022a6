using Comms.Media.Numbers;

namespace Comms.Media.Fanout;

/// <summary>
/// Maps a feed's media time to one viewer's RTP timestamps from an anchor on. With a speed above one the cached past is
/// squeezed so that it ends at "now": the receiver's jitter buffer then keeps no memory of its age.
/// </summary>
public readonly record struct VideoTimeline(long AnchorTicks, uint AnchorTimestamp, Instant AnchoredAt, int Speed)
{
    /// <summary>90 kHz, RFC 6184 §8.2.1.</summary>
    public const int TicksPerMs = 90;

    private const int MinSpeed = 4;
    private const int MaxSpeed = 16;
    private const int CatchUpMs = 400;

    public uint TimestampOf(long ticks) => AnchorTimestamp + (uint)((ticks - AnchorTicks) / Speed);

    /// <summary>When media of that time is to be sent.</summary>
    public Instant DueAt(long ticks) => AnchoredAt.AddUs((ticks - AnchorTicks) * 1000 / TicksPerMs / Speed);

    /// <summary>Four to sixteen times real time, so that most caches are played out within <see cref="CatchUpMs"/>.</summary>
    public static int SpeedFor(long backlogTicks) =>
        (int)Math.Clamp(backlogTicks / TicksPerMs / CatchUpMs, MinSpeed, MaxSpeed);

    /// <summary>The timestamp of a moment by the node's clock: all feeds that a viewer ever shows advance along it.</summary>
    public static uint TimestampAt(Instant now) => (uint)(now.Nanoseconds / 1000 * TicksPerMs / 1000);
}
