using Comms.Grains.Contracts;
using Comms.Media.Node;

namespace Comms.Signaling.Bridges;

/// <summary>What it means for a burst that its gate shut by itself.</summary>
internal static class GateEnd
{
    public static FloorReleaseCause ToRelease(GateCloseReason reason) =>
        reason == GateCloseReason.TalkerSilent ? FloorReleaseCause.TalkerSilent : FloorReleaseCause.LinkLost;

    public static FloorRevokeCause ToRevoke(GateCloseReason reason) => reason switch
    {
        GateCloseReason.TalkerSilent => FloorRevokeCause.TalkerSilent,
        GateCloseReason.LeaseExpired => FloorRevokeCause.LeaseExpired,
        _ => FloorRevokeCause.LinkLost,
    };
}
