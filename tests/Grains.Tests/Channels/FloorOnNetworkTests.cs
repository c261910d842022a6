using Comms.Grains.Channels;
using Comms.Grains.Contracts;
using Xunit;

namespace Comms.Grains.Tests.Channels;

/// <summary>
/// The on-network floor control cases of 3GPP TS 24.380 at the floor control server (§6.3.4): release, granted, revoke, deny,
/// queue and cancel, queue and granted.
/// </summary>
public sealed class FloorOnNetworkTests
{
    private readonly FloorBench _bench = new(FloorBench.Queueing);

    private FloorControl Floor => _bench.Floor;

    [Fact]
    public void Granted_an_idle_floor_is_granted_and_everyone_is_told_who_talks()
    {
        Assert.Equal(FloorDecision.Granted, _bench.Request("a").Decision);
        Assert.Equal(("a", "Unit"), (Floor.Holder!.UnitId, Floor.Holder.NameEn));
        Assert.Equal(["granted a"], _bench.Told());
    }

    [Fact]
    public void Release_by_the_talker_makes_the_floor_idle()
    {
        _bench.Request("a");
        long burst = Floor.BurstId;
        Assert.True(_bench.Release("a", burst));
        Assert.Equal(("", FloorRevokeCause.None, burst), (_bench.Holder, Floor.EndedBecause, Floor.EndedBurstId));
        Assert.Equal(["granted a", "released a"], _bench.Told());
    }

    [Fact]
    public void Revoke_a_burst_too_long_is_revoked_with_cause_2_and_ends_with_the_talkers_release()
    {
        _bench.Request("a");
        _bench.Pass(60);
        Assert.Equal(("a", FloorRevokeCause.BurstTooLong), (_bench.Holder, Floor.Revoking));
        _bench.Release("a");
        Assert.Equal(("", FloorRevokeCause.BurstTooLong), (_bench.Holder, Floor.EndedBecause));
        Assert.Equal(["granted a", "revoking 2 a", "revoked 2 a"], _bench.Told());
    }

    [Fact]
    public void Revoke_a_talker_that_does_not_release_is_cut_off_when_T3_runs_out()
    {
        _bench.Request("a");
        _bench.Pass(62.5);
        Assert.Equal("a", _bench.Holder);
        _bench.Pass(0.5);
        Assert.Equal(("", FloorRevokeCause.BurstTooLong, FloorRevokeCause.None), (_bench.Holder, Floor.EndedBecause, Floor.Revoking));
    }

    [Fact]
    public void Deny_without_queueing_is_cause_1()
    {
        var plain = new FloorBench(FloorBench.Queueing with { QueueLimit = 0 });
        plain.Request("a");
        Assert.Equal(new FloorVerdict(FloorDecision.Denied, FloorDenyCause.AnotherHasPermission), plain.Request("b"));
        Assert.Equal(["granted a", "denied 1 b"], plain.Told());
        Assert.Equal("", plain.Waiting);
    }

    [Fact]
    public void Deny_with_a_full_queue_is_cause_7()
    {
        foreach (string unit in new[] { "a", "b", "c", "d" })
        {
            _bench.Request(unit);
        }

        Assert.Equal(new FloorVerdict(FloorDecision.Denied, FloorDenyCause.QueueFull), _bench.Request("e"));
        Assert.Equal(7, (int)FloorDenyCause.QueueFull);
    }

    [Fact]
    public void Queue_and_cancel_a_waiting_participant_gives_up_its_place_and_the_others_move_up()
    {
        _bench.Request("a");
        Assert.Equal(new FloorVerdict(FloorDecision.Queued, Position: 1), _bench.Request("b"));
        Assert.Equal(new FloorVerdict(FloorDecision.Queued, Position: 2), _bench.Request("c"));
        Assert.True(_bench.Release("b"));
        Assert.Equal("c", _bench.Waiting);
        _bench.Release("a");
        Assert.Equal(("c", ""), (_bench.Holder, _bench.Waiting));
        Assert.Equal(
            ["granted a", "queued 1 b", "queued 2 c", "dequeued Released b", "released a", "granted c"], _bench.Told());
    }

    [Fact]
    public void Queue_and_granted_the_first_in_line_gets_the_floor_with_the_talkers_release()
    {
        _bench.Request("a");
        long first = Floor.BurstId;
        _bench.Request("b");
        _bench.Pass(1);
        _bench.Release("a");
        Assert.Equal(("b", ""), (_bench.Holder, _bench.Waiting));
        Assert.True(Floor.BurstId > first);
        Assert.Equal(_bench.Now, Floor.Since);

        // The participant's own request for its grant is answered with the burst it has.
        long burst = Floor.BurstId;
        Assert.Equal((FloorDecision.Granted, burst), (_bench.Request("b").Decision, Floor.BurstId));
    }

    [Fact]
    public void Queue_position_request_a_repeated_request_keeps_its_place()
    {
        _bench.Request("a");
        _bench.Request("b");
        _bench.Request("c");
        Assert.Equal(new FloorVerdict(FloorDecision.Queued, Position: 1), _bench.Request("b"));
        Assert.Equal("b c", _bench.Waiting);
    }

    [Fact]
    public void Preemption_revokes_with_cause_4_and_grants_when_the_talker_lets_go()
    {
        _bench.Request("a", priority: 3);
        _bench.Request("b", priority: 3);
        Assert.Equal(new FloorVerdict(FloorDecision.Queued, Position: 1), _bench.Request("c", priority: 4));
        Assert.Equal(("a", FloorRevokeCause.Preempted, "c b"), (_bench.Holder, Floor.Revoking, _bench.Waiting));
        _bench.Release("a");
        Assert.Equal(("c", FloorRevokeCause.Preempted, "b"), (_bench.Holder, Floor.EndedBecause, _bench.Waiting));
        Assert.Equal(
            ["granted a", "queued 1 b", "revoking 4 a", "queued 1 c", "revoked 4 a", "granted c"], _bench.Told());
    }
}
