using Comms.Grains.Contracts;

namespace Comms.Grains.Channels;

/// <summary>One decision of a floor, for the journal and for whoever is told of it.</summary>
public abstract record FloorEvent(FloorHolder Party, long BurstId);

/// <summary>Floor Granted to the party, Floor Taken to everyone else. 3GPP TS 24.380 §6.3.4.3.</summary>
public sealed record FloorGranted(FloorHolder Party, long BurstId) : FloorEvent(Party, BurstId);

/// <summary>Floor Deny; the burst is the one that stands in the way. 3GPP TS 24.380 §6.3.4.4.</summary>
public sealed record FloorDenied(FloorHolder Party, long BurstId, FloorDenyCause Cause) : FloorEvent(Party, BurstId);

/// <summary>Floor Release by the holder, Floor Idle to everyone. 3GPP TS 24.380 §6.3.4.4.</summary>
public sealed record FloorReleased(FloorHolder Party, long BurstId) : FloorEvent(Party, BurstId);

/// <summary>Floor Revoke to the holder, Floor Idle to everyone. 3GPP TS 24.380 §6.3.4.5.</summary>
public sealed record FloorRevoked(FloorHolder Party, long BurstId, FloorRevokeCause Cause) : FloorEvent(Party, BurstId);
