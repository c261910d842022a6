using Comms.Grains.Contracts;
using Comms.Signaling.Bridges;

namespace Comms.Signaling.Realtime;

/// <summary>Tells units' grains that they are connected through this node's hub. Soft state: a lost report heals with the next connection.</summary>
public sealed class HubPresence(IGrainFactory grains, HubSessions sessions, LocalNode node, TimeProvider time)
{
    public Task ConnectedAsync(HubSession session) => ReportAsync(session.UnitId, isOnline: true);

    /// <summary>A unit with another page open stays online.</summary>
    public Task DisconnectedAsync(HubSession session) =>
        sessions.All.Any(other => other.UnitId == session.UnitId) ? Task.CompletedTask : ReportAsync(session.UnitId, isOnline: false);

    private Task ReportAsync(string unitId, bool isOnline) => unitId.Length == 0
        ? Task.CompletedTask
        : grains.GetGrain<IUnitGrain>(unitId).ReportPresence(new UnitPresence(isOnline, node.Id, "hub", time.GetUtcNow()));
}
