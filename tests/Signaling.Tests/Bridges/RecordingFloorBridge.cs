using System.Collections.Concurrent;
using Comms.Grains.Contracts;
using Comms.Media.Numbers;
using Comms.Signaling.Bridges;

namespace Comms.Signaling.Tests.Bridges;

/// <summary>A floor that one party holds at a time, and a list of everything that was asked of it.</summary>
internal sealed class RecordingFloorBridge : IFloorBridge
{
    private long _lastBurst;

    public event Action<FloorState>? FloorChanged;

    public event Action<FloorParty, long, FloorRevokeCause>? FloorRevoked;

    public event Action<FloorParty, FloorReply>? FloorGranted;

    public event Action<FloorParty, int>? QueueChanged;

    public event Action<FloorParty, ChannelRight>? RightChanged;

    /// <summary>"join ch1 unit", "press ch1 unit", "release ch1 unit Released", "ended s1", in order.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    public FloorParty? Holder { get; private set; }

    /// <summary>Whether a press waits while another talks.</summary>
    public bool IsQueueing { get; set; }

    /// <summary>What a join returns.</summary>
    public ChannelRight Right { get; set; } = ChannelRight.Talk;

    public Task<FloorReply> PressAsync(FloorParty party)
    {
        Asked.Enqueue($"press {party.ChannelId} {party.UnitId}");
        var isGranted = Holder is null || Holder == party;
        Holder ??= party;
        var reply = isGranted
            ? new FloorReply(FloorDecision.Granted, FloorDenyCause.None, ++_lastBurst, 1, 2_000, 0, null)
            : IsQueueing ? new FloorReply(FloorDecision.Queued, FloorDenyCause.None, 0, 1, 0, 0, null, 1)
            : new FloorReply(FloorDecision.Denied, FloorDenyCause.AnotherHasPermission, 0, 1, 0, 0, null);
        return Task.FromResult(reply);
    }

    public Task ReleaseAsync(FloorParty party, FloorReleaseCause cause)
    {
        Asked.Enqueue($"release {party.ChannelId} {party.UnitId} {cause}");
        Holder = Holder == party ? null : Holder;
        return Task.CompletedTask;
    }

    public Task<JoinReply> JoinAsync(FloorParty party, int slot)
    {
        Asked.Enqueue($"join {party.ChannelId} {party.UnitId}");
        return Task.FromResult(new JoinReply(Right, null));
    }

    public Task LeaveAsync(FloorParty party, int slot) => Task.CompletedTask;

    public Task SessionEndedAsync(SessionId session)
    {
        Asked.Enqueue($"ended {session}");
        Holder = Holder?.Session == session ? null : Holder;
        return Task.CompletedTask;
    }

    public FloorState? GetFloor(string channelId) => null;

    public Task WatchAsync(string channelId) => Task.CompletedTask;

    public void Unwatch(string channelId) => FloorChanged?.Invoke(new FloorState(channelId, 0, null, 0, default, FloorRevokeCause.None, 0));

    public Task<Outcome> ArbitrateAsync(string channelId, FloorOrder order) => Task.FromResult(Outcome.Ok);

    public Task<Outcome> SetEmergencyAsync(string channelId, string unitId, bool isActive, Actor actor) => Task.FromResult(Outcome.Ok);

    public void Grant(FloorParty party)
    {
        Holder = party;
        FloorGranted?.Invoke(party, new FloorReply(FloorDecision.Granted, FloorDenyCause.None, ++_lastBurst, 1, 2_000, 0, null));
    }

    public void Place(FloorParty party, int position) => QueueChanged?.Invoke(party, position);

    public void Change(FloorState floor) => FloorChanged?.Invoke(floor);

    public void Revoke(FloorParty party, FloorRevokeCause cause) => FloorRevoked?.Invoke(party, 1, cause);

    public void ChangeRight(FloorParty party, ChannelRight right) => RightChanged?.Invoke(party, right);
}
