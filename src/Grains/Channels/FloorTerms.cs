using Comms.Grains.Contracts;

namespace Comms.Grains.Channels;

/// <summary>
/// The rules and timers of one floor. <paramref name="Lease"/>: a burst or a place in the queue ends when its node has not
/// renewed it for so long. <paramref name="TalkLimit"/>, <paramref name="Grace"/> and <paramref name="IdleLimit"/>: T2 (stop
/// talking), T3 (stop talking grace) and T4 (inactivity) of 3GPP TS 24.380 §11.1, zero for none.
/// </summary>
public readonly record struct FloorTerms(
    TimeSpan Lease, TimeSpan TalkLimit, TimeSpan Grace, int QueueLimit, FloorPreemption Preemption, TimeSpan IdleLimit)
{
    /// <summary>The terms of a channel; those of <see cref="FloorPolicy.Default"/> without a definition.</summary>
    public static FloorTerms Of(ChannelDefinition? channel, TimeSpan lease)
    {
        FloorPolicy policy = channel?.FloorPolicy ?? FloorPolicy.Default;
        return new FloorTerms(
            lease,
            TimeSpan.FromSeconds(channel?.TalkLimitSeconds ?? 0),
            TimeSpan.FromMilliseconds(policy.RevokeGraceMs),
            policy.QueueLimit,
            policy.Preemption,
            TimeSpan.FromSeconds(policy.IdleLimitSeconds));
    }
}
