using Comms.Grains.Channels;
using Comms.Grains.Contracts;
using Xunit;

namespace Comms.Grains.Tests.Channels;

/// <summary>The floor by the clauses of 3GPP TS 24.380 §6.3.4, one test per rule.</summary>
public sealed class FloorControlTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly FloorTerms Terms = new(
        TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(60), TimeSpan.Zero, 0, FloorPreemption.Emergency, TimeSpan.Zero);

    private readonly FloorControl _floor = new(Terms, Start);

    [Fact]
    public void Floor_starts_idle_without_deadline()
    {
        Assert.Null(_floor.Holder);
        Assert.Null(_floor.NextDeadline);
        Assert.False(_floor.TryPollEvent(out _));
    }

    [Fact]
    public void Request_on_an_idle_floor_is_granted_and_the_floor_is_taken()
    {
        long before = _floor.Epoch;
        Assert.Equal(FloorDecision.Granted, _floor.Request(Bid("a"), At(1)).Decision);
        Assert.Equal("a", _floor.Holder!.UnitId);
        Assert.True(_floor.Epoch > before);
        Assert.Equal(_floor.Epoch, _floor.BurstId);
        Assert.Equal(At(1), _floor.Since);
        Assert.Equal(new FloorGranted(Party("a"), _floor.BurstId, ActorOf("a"), FromQueue: false), Event());
    }

    [Fact]
    public void Request_on_a_taken_floor_is_denied_with_cause_1_and_changes_nothing()
    {
        _floor.Request(Bid("a"), At(1));
        Event();
        (long epoch, long burst, DateTimeOffset? deadline) = (_floor.Epoch, _floor.BurstId, _floor.NextDeadline);
        Assert.Equal(FloorDecision.Denied, _floor.Request(Bid("b"), At(2)).Decision);
        Assert.Equal(new FloorDenied(Party("b"), burst, ActorOf("b"), FloorDenyCause.AnotherHasPermission), Event());
        Assert.Equal((epoch, burst, deadline, "a"), (_floor.Epoch, _floor.BurstId, _floor.NextDeadline, _floor.Holder!.UnitId));
        Assert.Equal(1, (int)FloorDenyCause.AnotherHasPermission);
    }

    [Fact]
    public void Repeated_request_by_the_holder_is_the_same_burst_with_a_fresh_lease()
    {
        _floor.Request(Bid("a"), At(1));
        (long epoch, long burst) = (_floor.Epoch, _floor.BurstId);
        Event();
        Assert.Equal(FloorDecision.Granted, _floor.Request(Bid("a"), At(3)).Decision);
        Assert.Equal((epoch, burst), (_floor.Epoch, _floor.BurstId));
        Assert.Equal(At(7), _floor.NextDeadline);
        Assert.False(_floor.TryPollEvent(out _));
    }

    [Fact]
    public void Holders_unit_on_another_session_is_another_party()
    {
        _floor.Request(Bid("a"), At(1));
        Assert.Equal(FloorDecision.Denied, _floor.Request(Bid("a", session: "s2"), At(2)).Decision);
        Assert.Equal(FloorDecision.Denied, _floor.Request(Bid("a", node: "n2"), At(2)).Decision);
    }

    [Theory]
    [InlineData(FloorReleaseCause.Released, FloorRevokeCause.None)]
    [InlineData(FloorReleaseCause.TalkerSilent, FloorRevokeCause.TalkerSilent)]
    [InlineData(FloorReleaseCause.LinkLost, FloorRevokeCause.LinkLost)]
    public void Release_by_the_holder_makes_the_floor_idle_with_its_cause(FloorReleaseCause cause, FloorRevokeCause ended)
    {
        _floor.Request(Bid("a"), At(1));
        long taken = _floor.Epoch;
        Event();
        Assert.True(_floor.Release(Release("a", taken, cause), At(2)));
        Assert.Null(_floor.Holder);
        Assert.Null(_floor.NextDeadline);
        Assert.True(_floor.Epoch > taken);
        Assert.Equal(ended, _floor.EndedBecause);
        FloorEvent told = Event();
        Assert.Equal(ended == FloorRevokeCause.None, told is FloorReleased);
        Assert.Equal(taken, told.BurstId);
    }

    [Fact]
    public void Release_that_names_no_burst_ends_the_sessions_own()
    {
        _floor.Request(Bid("a"), At(1));
        Assert.True(_floor.Release(Release("a", 0), At(2)));
    }

    [Theory]
    [InlineData("b", "s1", 0)]
    [InlineData("a", "s2", 0)]
    [InlineData("a", "s1", -1)]
    public void Release_by_anyone_else_or_of_another_burst_changes_nothing(string unit, string session, long burstOffset)
    {
        _floor.Request(Bid("a"), At(1));
        long burst = burstOffset == 0 ? 0 : _floor.BurstId + burstOffset;
        Assert.False(_floor.Release(new FloorRelease(unit, session, burst, FloorReleaseCause.Released, Actor.System), At(2)));
        Assert.Equal("a", _floor.Holder!.UnitId);
    }

    [Fact]
    public void Release_on_an_idle_floor_changes_nothing()
    {
        long epoch = _floor.Epoch;
        Assert.False(_floor.Release(Release("a", 0), At(1)));
        Assert.Equal(epoch, _floor.Epoch);
    }

    [Fact]
    public void Talk_limit_T2_revokes_with_cause_2_however_well_the_lease_is_renewed()
    {
        _floor.SetTerms(Terms with { TalkLimit = TimeSpan.FromSeconds(10) });
        _floor.Request(Bid("a"), At(0));
        for (int second = 1; second < 10; second++)
        {
            Assert.True(_floor.Renew(_floor.BurstId, "n1", At(second)));
        }

        Assert.Equal(At(10), _floor.NextDeadline);
        _floor.HandleTimeout(At(9.999));
        Assert.NotNull(_floor.Holder);
        _floor.HandleTimeout(At(10));
        Assert.Equal((null, FloorRevokeCause.BurstTooLong), (_floor.Holder, _floor.EndedBecause));
        Assert.Equal(2, (int)FloorRevokeCause.BurstTooLong);
    }

    [Fact]
    public void Channel_without_talk_limit_never_revokes_for_length()
    {
        _floor.SetTerms(Terms with { TalkLimit = TimeSpan.Zero });
        _floor.Request(Bid("a"), At(0));
        for (int second = 1; second < 7200; second++)
        {
            Assert.True(_floor.Renew(_floor.BurstId, "n1", At(second)));
        }
    }

    [Fact]
    public void Lapsed_lease_makes_the_floor_idle_and_cannot_be_renewed()
    {
        _floor.Request(Bid("a"), At(0));
        long burst = _floor.BurstId;
        Assert.False(_floor.Renew(burst, "n1", At(4)));
        Assert.Equal((null, FloorRevokeCause.LeaseExpired), (_floor.Holder, _floor.EndedBecause));
    }

    [Fact]
    public void Renewal_of_another_burst_or_by_another_node_is_refused_and_extends_nothing()
    {
        _floor.Request(Bid("a"), At(0));
        Assert.False(_floor.Renew(_floor.BurstId - 1, "n1", At(1)));
        Assert.False(_floor.Renew(_floor.BurstId, "n2", At(1)));
        Assert.Equal(At(4), _floor.NextDeadline);
    }

    [Fact]
    public void Request_after_the_lease_lapsed_is_granted_though_no_timer_fired()
    {
        _floor.Request(Bid("a"), At(0));
        Event();
        Assert.Equal(FloorDecision.Granted, _floor.Request(Bid("b"), At(5)).Decision);
        Assert.IsType<FloorRevoked>(Event());
        Assert.IsType<FloorGranted>(Event());
    }

    [Theory]
    [InlineData(FloorRevokeCause.NoPermission)]
    [InlineData(FloorRevokeCause.Preempted)]
    [InlineData(FloorRevokeCause.ChannelRemoved)]
    public void Revoke_takes_the_floor_at_once(FloorRevokeCause cause)
    {
        _floor.Request(Bid("a"), At(0));
        Event();
        Assert.True(_floor.Revoke(cause, At(1)));
        Assert.Equal((null, cause), (_floor.Holder, _floor.EndedBecause));
        Assert.Equal(new FloorRevoked(Party("a"), _floor.BurstId, ActorOf("a"), cause), Event());
        Assert.False(_floor.Revoke(cause, At(2)));
    }

    [Fact]
    public void Ids_go_on_above_those_of_an_earlier_life_with_a_faster_clock()
    {
        _floor.Request(Bid("a"), At(0));
        long seen = new FloorControl(Terms, At(3600)).Epoch;
        Assert.True(_floor.ObserveEpoch(seen, At(1)));
        Assert.True(_floor.Epoch > seen);
        Assert.Equal("a", _floor.Holder!.UnitId);
        Assert.False(_floor.ObserveEpoch(seen, At(1)));
        _floor.Release(Release("a", 0), At(2));
        _floor.Request(Bid("b"), At(3));
        Assert.True(_floor.BurstId > seen);
    }

    [Fact]
    public void Ids_of_a_later_life_are_above_all_of_an_earlier_one_and_fit_in_53_bits()
    {
        for (int i = 0; i < 1000; i++)
        {
            _floor.Request(Bid("a"), At(0));
            _floor.Release(Release("a", 0), At(0));
        }

        var later = new FloorControl(Terms, At(1));
        Assert.True(later.Epoch > _floor.Epoch);
        Assert.True(new FloorControl(Terms, new DateTimeOffset(2094, 1, 1, 0, 0, 0, TimeSpan.Zero)).Epoch < 1L << 53);
    }

    private static DateTimeOffset At(double seconds) => Start.AddSeconds(seconds);

    private static FloorHolder Party(string unit, string node = "n1", string session = "s1") =>
        new(unit, unit, "单位", "Unit", UnitService.Police, node, session);

    private static Actor ActorOf(string unit) => new("", unit, "test");

    private static FloorBid Bid(string unit, string node = "n1", string session = "s1") =>
        new(Party(unit, node, session), 0, IsEmergency: false, ActorOf(unit));

    private static FloorRelease Release(string unit, long burst, FloorReleaseCause cause = FloorReleaseCause.Released) =>
        new(unit, "s1", burst, cause, Actor.System);

    private FloorEvent Event()
    {
        Assert.True(_floor.TryPollEvent(out FloorEvent? told));
        return told!;
    }
}
