using Comms.Grains.Contracts;

namespace Comms.Grains.Channels;

/// <summary>One party's claim to the floor: its priority, 0 (lowest) to 15, and whether its unit is in emergency.</summary>
public sealed record FloorBid(FloorHolder Party, int Priority, bool IsEmergency, Actor Actor);

/// <summary>What became of a request: the cause when denied, the place (1 for the next) when queued.</summary>
public readonly record struct FloorVerdict(FloorDecision Decision, FloorDenyCause Cause = FloorDenyCause.None, int Position = 0);
