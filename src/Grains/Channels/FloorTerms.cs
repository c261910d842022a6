namespace Comms.Grains.Channels;

/// <summary>
/// The timers of one floor. <paramref name="Lease"/>: the burst ends when its node has not renewed it for so long.
/// <paramref name="TalkLimit"/>: T2 of 3GPP TS 24.380 §11.1 (stop talking), zero for none.
/// </summary>
public readonly record struct FloorTerms(TimeSpan Lease, TimeSpan TalkLimit);
