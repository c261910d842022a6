using Comms.Grains;
using Comms.Grains.Contracts;

namespace Comms.Signaling.Bridges;

/// <summary>What this node asks a channel's grain about its floor; a grain that does not answer is logged, never an exception.</summary>
internal sealed class FloorGrainCalls(IGrainFactory grains, LocalNode node, ILogger<FloorBridge> log)
{
    public static FloorReply Denied(FloorDenyCause cause) => new(FloorDecision.Denied, cause, 0, 0, 0, 0, null);

    public IChannelGrain Channel(string channelId) => grains.GetGrain<IChannelGrain>(channelId);

    public async Task<FloorReply> RequestAsync(FloorParty party, long knownEpoch)
    {
        try
        {
            return await Channel(party.ChannelId).RequestFloor(new FloorRequest(
                party.UnitId, node.Id, party.Session.ToString(), party.Actor, knownEpoch, party.IsEmergency));
        }
        catch (Exception fault) when (GrainFault.IsTransient(fault))
        {
            log.GrainFailed($"press in {party.ChannelId}", fault.Message);
            return Denied(FloorDenyCause.InternalError);
        }
    }

    /// <summary>Burst 0 gives up a place in the queue, or what came of it. When the call is lost the grain ends it by its lease.</summary>
    public async Task ReleaseAsync(FloorParty party, long burstId, FloorReleaseCause cause)
    {
        try
        {
            await Channel(party.ChannelId).ReleaseFloor(new FloorRelease(
                party.UnitId, party.Session.ToString(), burstId, cause, party.Actor));
        }
        catch (Exception fault) when (GrainFault.IsTransient(fault))
        {
            log.GrainFailed($"release in {party.ChannelId}", fault.Message);
        }
    }

    /// <summary>The floor now; null when the grain does not answer.</summary>
    public async Task<FloorState?> RenewWaitingAsync(string channelId, IReadOnlyList<string> sessionIds)
    {
        try
        {
            return await Channel(channelId).RenewWaiting(node.Id, sessionIds);
        }
        catch (Exception fault) when (GrainFault.IsTransient(fault))
        {
            log.GrainFailed($"renewal of waiting in {channelId}", fault.Message);
            return null;
        }
    }

    /// <summary>A person's order: one that cannot be carried out now says so.</summary>
    public async Task<Outcome> OrderAsync(string channelId, Func<IChannelGrain, Task<Outcome>> order)
    {
        try
        {
            return await order(Channel(channelId));
        }
        catch (Exception fault) when (GrainFault.IsTransient(fault))
        {
            log.GrainFailed($"order in {channelId}", fault.Message);
            return new Outcome(OutcomeCode.Conflict, "The channel does not answer.");
        }
    }
}
