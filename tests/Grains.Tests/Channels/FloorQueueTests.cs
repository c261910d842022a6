using Comms.Grains.Channels;
using Comms.Grains.Contracts;
using Xunit;

namespace Comms.Grains.Tests.Channels;

/// <summary>Who stands where in a floor's queue, who takes the floor from whom, and what a dispatcher may do about it.</summary>
public sealed class FloorQueueTests
{
    private static readonly Actor Dispatcher = new("", "hq", "test");

    private readonly FloorBench _bench = new(FloorBench.Queueing with { QueueLimit = 50 });

    private FloorControl Floor => _bench.Floor;

    [Fact]
    public void Higher_priority_waits_before_lower_and_equals_in_the_order_they_came()
    {
        _bench.Request("a", priority: 15);
        foreach ((string unit, int priority) in new[] { ("b", 0), ("c", 5), ("d", 0), ("e", 5), ("f", 9) })
        {
            _bench.Request(unit, priority);
        }

        Assert.Equal("f c e b d", _bench.Waiting);
    }

    [Fact]
    public void Nobody_is_passed_by_priority_for_ever()
    {
        _bench.Request("a", priority: 15);
        _bench.Request("low");
        for (int i = 1; i <= 6; i++)
        {
            _bench.Request($"high{i}", priority: 1);
        }

        Assert.Equal("high1 high2 high3 high4 low high5 high6", _bench.Waiting);
    }

    [Fact]
    public void Emergency_stands_before_all_that_are_none_in_the_order_they_came()
    {
        _bench.Request("a", emergency: true);
        _bench.Request("b", priority: 15);
        _bench.Request("c", emergency: true);
        _bench.Request("d", priority: 15, emergency: true);
        Assert.Equal(("a", FloorRevokeCause.None, "c d b"), (_bench.Holder, Floor.Revoking, _bench.Waiting));
    }

    [Fact]
    public void Emergency_takes_the_floor_even_where_nobody_queues_and_priority_takes_nothing()
    {
        var plain = new FloorBench(FloorBench.Queueing with { QueueLimit = 0, Preemption = FloorPreemption.Emergency });
        plain.Request("a");
        Assert.Equal(FloorDenyCause.AnotherHasPermission, plain.Request("b", priority: 15).Cause);
        Assert.Equal(new FloorVerdict(FloorDecision.Queued, Position: 1), plain.Request("c", emergency: true));
        Assert.Equal(FloorRevokeCause.Preempted, plain.Floor.Revoking);
        plain.Pass(3);
        Assert.Equal("c", plain.Holder);
        Assert.True(plain.Floor.IsEmergency);
    }

    [Fact]
    public void Nobody_takes_the_floor_where_preemption_is_off()
    {
        var never = new FloorBench(FloorBench.Queueing with { Preemption = FloorPreemption.Never });
        never.Request("a");
        never.Request("b", priority: 15);
        never.Request("c", emergency: true);
        Assert.Equal(("a", FloorRevokeCause.None, "c b"), (never.Holder, never.Floor.Revoking, never.Waiting));
    }

    [Fact]
    public void Without_grace_a_preempting_request_is_granted_at_once()
    {
        var hard = new FloorBench(FloorBench.Queueing with { Grace = TimeSpan.Zero });
        hard.Request("a");
        Assert.Equal(FloorDecision.Granted, hard.Request("b", priority: 1).Decision);
        Assert.Equal(["granted a", "revoked 4 a", "granted b"], hard.Told());
        Assert.Equal(FloorRevokeCause.Preempted, hard.Floor.EndedBecause);
    }

    [Fact]
    public void Waiter_whose_unit_comes_into_emergency_takes_the_floor()
    {
        _bench.Request("a");
        _bench.Request("b");
        _bench.Request("c");
        Floor.SetEmergency("c", true, _bench.Now);
        Assert.Equal(("c b", FloorRevokeCause.Preempted), (_bench.Waiting, Floor.Revoking));
    }

    [Fact]
    public void Talker_and_waiter_may_turn_their_request_into_an_emergency_call()
    {
        _bench.Request("a");
        _bench.Request("b", priority: 0);
        _bench.Request("c");
        Assert.Equal(FloorDecision.Granted, _bench.Request("a", emergency: true).Decision);
        Assert.True(Floor.IsEmergency);
        Assert.Equal(new FloorVerdict(FloorDecision.Queued, Position: 1), _bench.Request("c", emergency: true));
        Assert.Equal(("c b", FloorRevokeCause.None), (_bench.Waiting, Floor.Revoking));
    }

    [Fact]
    public void Talker_in_emergency_is_not_preempted_until_its_alert_is_cancelled()
    {
        _bench.Request("a");
        Floor.SetEmergency("a", true, _bench.Now);
        Assert.Equal(2, (_bench.Request("b", priority: 15).Position, _bench.Request("c", priority: 9).Position).Item2);
        Assert.Equal(FloorRevokeCause.None, Floor.Revoking);
        Floor.SetEmergency("a", false, _bench.Now);
        _bench.Request("d", emergency: true);
        Assert.Equal(FloorRevokeCause.Preempted, Floor.Revoking);
    }

    [Fact]
    public void Place_whose_node_fell_silent_is_lost_before_it_can_be_granted()
    {
        _bench.Request("a");
        _bench.Request("b");
        _bench.Pass(4, isNodeAlive: false);
        Assert.Equal(("", ""), (_bench.Holder, _bench.Waiting));
        Assert.Equal(["granted a", "queued 1 b", "dequeued LinkLost b", "revoked 258 a"], _bench.Told());
    }

    [Fact]
    public void Dispatcher_reorders_and_priority_does_not_undo_it()
    {
        _bench.Request("a", priority: 15);
        _bench.Request("b", priority: 3);
        _bench.Request("c");
        Assert.True(Floor.Move(_bench.RequestIdOf("c"), 1, Dispatcher, _bench.Now));
        _bench.Request("d", priority: 9);
        Assert.Equal("c d b", _bench.Waiting);
        Assert.False(Floor.Move(1, 1, Dispatcher, _bench.Now));
    }

    [Fact]
    public void Dispatcher_removes_a_request()
    {
        _bench.Request("a");
        _bench.Request("b");
        Assert.True(Floor.Remove(_bench.RequestIdOf("b"), FloorDequeueCause.RemovedByDispatcher, Dispatcher, _bench.Now));
        Assert.Equal(["granted a", "queued 1 b", "dequeued RemovedByDispatcher b"], _bench.Told());
        Assert.Equal("", _bench.Waiting);
    }

    [Fact]
    public void Dispatcher_preempts_for_a_waiting_request_or_for_nobody()
    {
        Assert.False(Floor.Preempt(0, Dispatcher, _bench.Now));
        _bench.Request("a");
        _bench.Request("b");
        _bench.Request("c");
        Assert.False(Floor.Preempt(1, Dispatcher, _bench.Now));
        Assert.True(Floor.Preempt(_bench.RequestIdOf("c"), Dispatcher, _bench.Now));
        _bench.Release("a");
        Assert.Equal("c", _bench.Holder);
        Floor.Preempt(0, Dispatcher, _bench.Now);
        _bench.Pass(3);
        Assert.Equal("b", _bench.Holder);
    }

    [Fact]
    public void Revoked_talker_may_wait_for_its_next_turn()
    {
        _bench.Request("a");
        _bench.Request("b", priority: 1);
        _bench.Release("a");
        Assert.Equal(new FloorVerdict(FloorDecision.Queued, Position: 1), _bench.Request("a"));
        _bench.Release("b");
        Assert.Equal("a", _bench.Holder);
    }

    [Fact]
    public void Lost_right_takes_the_floor_at_once_and_the_next_talks()
    {
        _bench.Request("a");
        _bench.Request("b");
        Floor.Revoke(FloorRevokeCause.NoPermission, _bench.Now);
        Assert.Equal(("b", FloorRevokeCause.NoPermission), (_bench.Holder, Floor.EndedBecause));
    }

    [Fact]
    public void Closed_channel_has_neither_talker_nor_queue()
    {
        _bench.Request("a");
        _bench.Request("b");
        Floor.Close(_bench.Now);
        Assert.Equal(("", "", FloorRevokeCause.ChannelRemoved), (_bench.Holder, _bench.Waiting, Floor.EndedBecause));
    }

    [Fact]
    public void Idle_limit_T4_tells_once_that_a_channel_is_inactive_until_somebody_talks()
    {
        var idle = new FloorBench(FloorBench.Queueing with { IdleLimit = TimeSpan.FromSeconds(30) });
        Assert.Equal(FloorBench.Start.AddSeconds(30), idle.Floor.NextDeadline);
        idle.Pass(60);
        Assert.True(idle.Floor.IsInactive);
        Assert.Equal(["inactive"], idle.Told());
        Assert.Null(idle.Floor.NextDeadline);
        idle.Request("a");
        Assert.False(idle.Floor.IsInactive);
        idle.Release("a");
        idle.Pass(29);
        Assert.False(idle.Floor.IsInactive);
    }
}
