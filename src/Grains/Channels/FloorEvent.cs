using Comms.Grains.Contracts;

namespace Comms.Grains.Channels;

/// <summary>One decision of a floor, for the journal and for whoever is told of it. The actor is who caused it.</summary>
public abstract record FloorEvent(FloorHolder? Party, long BurstId, Actor Actor);

/// <summary>Floor Granted to the party, Floor Taken to everyone else. 3GPP TS 24.380 §6.3.4.3.</summary>
public sealed record FloorGranted(FloorHolder Party, long BurstId, Actor Actor, bool FromQueue) : FloorEvent(Party, BurstId, Actor);

/// <summary>Floor Deny; the burst is the one that stands in the way. 3GPP TS 24.380 §6.3.4.4.</summary>
public sealed record FloorDenied(FloorHolder Party, long BurstId, Actor Actor, FloorDenyCause Cause) : FloorEvent(Party, BurstId, Actor);

/// <summary>Floor Queue Position Info: the party waits behind the burst. 3GPP TS 24.380 §6.3.4.4.</summary>
public sealed record FloorQueued(FloorHolder Party, long BurstId, Actor Actor, int Position, int Priority, bool IsEmergency)
    : FloorEvent(Party, BurstId, Actor);

/// <summary>The party waits no longer, without having had the floor.</summary>
public sealed record FloorDequeued(FloorHolder Party, long BurstId, Actor Actor, FloorDequeueCause Cause) : FloorEvent(Party, BurstId, Actor);

/// <summary>A dispatcher gave a waiting party another place.</summary>
public sealed record FloorMoved(FloorHolder Party, long BurstId, Actor Actor, int Position) : FloorEvent(Party, BurstId, Actor);

/// <summary>Floor Revoke to the holder, which may go on until it releases or T3 runs out. 3GPP TS 24.380 §6.3.4.5.</summary>
public sealed record FloorRevoking(FloorHolder Party, long BurstId, Actor Actor, FloorRevokeCause Cause) : FloorEvent(Party, BurstId, Actor);

/// <summary>Floor Release by the holder. 3GPP TS 24.380 §6.3.4.4.</summary>
public sealed record FloorReleased(FloorHolder Party, long BurstId, Actor Actor) : FloorEvent(Party, BurstId, Actor);

/// <summary>The floor is taken from the holder. 3GPP TS 24.380 §6.3.4.5.</summary>
public sealed record FloorRevoked(FloorHolder Party, long BurstId, Actor Actor, FloorRevokeCause Cause) : FloorEvent(Party, BurstId, Actor);

/// <summary>Nobody talked for the idle limit (T4). 3GPP TS 24.380 §6.3.4.3.</summary>
public sealed record FloorInactive(long BurstId) : FloorEvent(null, BurstId, Actor.System);
