using Comms.Media.Fanout;
using Comms.Media.Node;
using Comms.Media.Numbers;
using Xunit;

namespace Comms.Media.Tests.Fanout;

public sealed class FloorGateTests
{
    private const int SilenceMs = 2_000;
    private const int LeaseMs = 5_000;
    private static readonly Instant Start = new(1_000_000_000);
    private readonly FloorGate _gate = new(SilenceMs);
    private readonly KeptSpeech _memory = new();

    [Fact]
    public void A_packet_of_a_session_without_the_floor_is_never_let_in() =>
        Assert.Equal(GateVerdict.Drop, _gate.Admit([1], 0, Start));

    [Fact]
    public void Speech_said_before_the_grant_comes_out_in_order_and_then_live_speech_passes()
    {
        _gate.TryBeginRequest("fire", _memory, Start);
        for (byte i = 0; i < 10; i++)
            Assert.Equal(GateVerdict.Kept, _gate.Admit([i], i * 960u, Start.AddMs(i * 20)));

        Assert.True(_gate.TryOpen(Grant(), Start.AddMs(200)));

        var kept = TakeKept();
        Assert.Equal(Enumerable.Range(0, 10).Select(i => ((byte)i, (uint)i * 960)), kept);
        Assert.Equal(GateVerdict.Forward, _gate.Admit([10], 9600, Start.AddMs(200)));
    }

    [Fact]
    public void A_denied_request_discards_what_was_said()
    {
        _gate.TryBeginRequest("fire", _memory, Start);
        _gate.Admit([1], 0, Start);

        _gate.Close();

        Assert.Equal(GateVerdict.Drop, _gate.Admit([2], 960, Start.AddMs(20)));
        Assert.True(_gate.TryOpen(Grant(), Start.AddMs(40)));
        Assert.Empty(TakeKept());
    }

    [Fact]
    public void A_grant_out_of_a_queue_starts_with_live_speech()
    {
        _gate.TryBeginRequest("fire", _memory, Start);
        _gate.Admit([1], 0, Start);

        Assert.True(_gate.TryOpen(Grant() with { FromQueue = true }, Start.AddMs(40)));

        Assert.Empty(TakeKept());
    }

    [Fact]
    public void Speech_kept_for_one_channel_is_not_sent_into_another()
    {
        _gate.TryBeginRequest("fire", _memory, Start);
        _gate.Admit([1], 0, Start);

        Assert.True(_gate.TryOpen(Grant() with { ChannelId = "police" }, Start));

        Assert.Empty(TakeKept());
    }

    [Fact]
    public void No_more_than_half_a_second_is_kept()
    {
        _gate.TryBeginRequest("fire", _memory, Start);
        for (int i = 0; i < 100; i++) _gate.Admit([(byte)i], (uint)i * 960, Start.AddMs(i * 20));

        _gate.TryOpen(Grant(), Start.AddMs(2_000));

        var kept = TakeKept();
        Assert.InRange(kept.Count, 20, 26);
        Assert.Equal(99, kept[^1].First);
    }

    [Fact]
    public void The_gate_closes_by_itself_when_its_lease_is_not_renewed()
    {
        _gate.TryOpen(Grant(), Start);
        Instant end = Start.AddMs(LeaseMs);
        _gate.Admit([1], 0, end.AddMs(-1));

        Assert.Equal(GateVerdict.Drop, _gate.Admit([2], 960, end));
        Assert.True(_gate.TryExpire(end, out var reason));
        Assert.Equal(GateCloseReason.LeaseExpired, reason);
        Assert.Equal(GateState.Closed, _gate.State);
    }

    [Fact]
    public void A_renewed_lease_keeps_the_gate_open()
    {
        _gate.TryOpen(Grant(), Start);

        Assert.True(_gate.TryRenew(new BurstId(7), LeaseMs, Start.AddMs(4_000)));

        Assert.Equal(GateVerdict.Forward, _gate.Admit([1], 0, Start.AddMs(6_000)));
        Assert.False(_gate.TryRenew(new BurstId(8), LeaseMs, Start.AddMs(6_000)));
    }

    [Fact]
    public void A_talker_whose_packets_stop_loses_the_gate()
    {
        _gate.TryOpen(Grant(), Start);
        _gate.Admit([1], 0, Start.AddMs(500));

        Assert.False(_gate.TryExpire(Start.AddMs(500 + SilenceMs - 1), out _));
        Assert.True(_gate.TryExpire(Start.AddMs(500 + SilenceMs), out var reason));
        Assert.Equal(GateCloseReason.TalkerSilent, reason);
    }

    [Fact]
    public void A_grant_of_an_older_epoch_never_opens_the_gate()
    {
        _gate.TryOpen(Grant() with { Epoch = 9 }, Start);
        _gate.Close();

        Assert.False(_gate.TryOpen(Grant() with { Epoch = 8 }, Start));
        Assert.Equal(GateState.Closed, _gate.State);
    }

    [Fact]
    public void An_undecided_request_is_given_up_in_the_end_and_its_memory_comes_back()
    {
        _gate.TryBeginRequest("fire", _memory, Start);
        Assert.Null(_gate.TakeBackMemory());

        Assert.False(_gate.TryExpire(Start.AddMs(FloorGate.UndecidedLimitMs), out _));

        Assert.Equal(GateState.Closed, _gate.State);
        Assert.Same(_memory, _gate.TakeBackMemory());
    }

    private static TalkGrant Grant() => new() { ChannelId = "fire", Burst = new BurstId(7), Epoch = 1, LeaseMs = LeaseMs };

    private List<(byte First, uint Timestamp)> TakeKept()
    {
        var taken = new List<(byte, uint)>();
        while (_gate.TryTakeKept(out var payload, out uint timestamp, out _)) taken.Add((payload[0], timestamp));
        return taken;
    }
}
