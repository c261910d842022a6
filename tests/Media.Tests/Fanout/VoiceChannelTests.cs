using Comms.Media.Fanout;
using Comms.Media.Numbers;
using Comms.Media.Session;
using Xunit;

namespace Comms.Media.Tests.Fanout;

public class VoiceChannelTests
{
    /// <summary>20 ms of hybrid wideband speech, one frame.</summary>
    private const byte Toc = 0x78;

    private static readonly Instant Now = new(1_000_000_000_000);
    private readonly Loop[] _loops = [new Loop(0, 2), new Loop(1, 2)];
    private readonly MediaTapQueue _tap = new(2);
    private readonly ChannelHub _hub;
    private ushort _sequence;

    public VoiceChannelTests()
    {
        _hub = new ChannelHub("fire", _loops, _tap);
        foreach (var loop in _loops) loop.Other = _loops[1 - loop.Index];
    }

    [Fact]
    public void A_copy_crosses_only_to_loops_that_have_listeners()
    {
        _hub.Part(0).AddListener(new Listener(1), 0);
        Talk(0);
        Assert.Equal(0, _loops[0].Carried);
        var remote = new Listener(2);
        _hub.Part(1).AddListener(remote, 0);
        Talk(0);
        Assert.Equal(1, _loops[0].Carried);
        Assert.Single(remote.Heard);
        _hub.Part(1).RemoveListener(remote, 0);
        Talk(0);
        Assert.Equal(1, _loops[0].Carried);
    }

    [Fact]
    public void Packets_of_an_older_epoch_are_dropped_in_every_part()
    {
        var listener = new Listener(1);
        _hub.Part(0).AddListener(listener, 0);
        Talk(0, epoch: 5);
        Talk(0, epoch: 4);
        Talk(0, epoch: 5);
        Assert.Equal(2, listener.Heard.Count);
        Assert.Equal(1, _loops[0].Drops[DropReason.StaleBurst]);
    }

    [Fact]
    public void A_large_fan_out_goes_out_in_slices_in_the_order_of_joining()
    {
        var order = new List<long>();
        for (int i = 1; i <= 1_000; i++) _hub.Part(0).AddListener(new Listener(i, order), 0);
        Talk(0);
        Assert.Equal(256, order.Count);
        Talk(0);
        Assert.Equal(256, order.Count);
        int slices = 1;
        while (_hub.Part(0).RunSlice(Now, out _)) slices++;
        Assert.Equal(2_000, order.Count);
        Assert.Equal(Enumerable.Range(1, 1_000).Select(i => (long)i), order.Take(1_000));
        Assert.InRange(slices, 7, 8);
        Assert.Equal(2_000, _hub.Part(0).Counters.Forwarded);
    }

    [Fact]
    public void A_blocked_output_holds_packets_back_up_to_a_bound_and_drops_the_oldest()
    {
        var listener = new Listener(1) { IsOutputBlocked = true };
        _hub.Part(0).AddListener(listener, 0);
        for (int i = 0; i < 70; i++) Talk(0);
        Assert.Equal(6, _loops[0].Drops[DropReason.BufferFull]);
        listener.IsOutputBlocked = false;
        while (_hub.Part(0).RunSlice(Now, out _)) continue;
        Assert.Equal(64, listener.Heard.Count);
        Assert.Equal(6, listener.Heard[0] - 1);
    }

    [Fact]
    public void A_full_tap_or_ring_is_counted_and_the_listeners_are_served()
    {
        var near = new Listener(1);
        var far = new Listener(2);
        _hub.Part(0).AddListener(near, 0);
        _hub.Part(1).AddListener(far, 0);
        _loops[0].IsRingFull = true;
        for (int i = 0; i < 3; i++) Talk(0);
        Assert.Equal((3, 0), (near.Heard.Count, far.Heard.Count));
        Assert.Equal((3, 1), (_loops[0].Drops[DropReason.RingFull], _loops[0].Drops[DropReason.TapFull]));
    }

    [Fact]
    public void What_was_sent_is_found_for_a_second_and_no_longer()
    {
        _hub.Part(0).AddListener(new Listener(1), 0);
        for (int i = 0; i < 100; i++) Talk(0);
        Assert.True(_hub.Part(0).TryFindSent(100, out var packet));
        Assert.Equal((100, 99), (packet.Sequence, packet.Payload[1]));
        Assert.True(_hub.Part(0).TryFindSent(40, out _));
        Assert.False(_hub.Part(0).TryFindSent(30, out _));
        Assert.False(_hub.Part(0).TryFindSent(101, out _));
    }

    [Fact]
    public void A_release_sends_the_last_frames_of_both_loops_at_once_and_a_link_that_died_after_a_while()
    {
        var hub = new ChannelHub("fire", _loops, null, forcedFrameMs: 120);
        var near = new Listener(1);
        var far = new Listener(2);
        hub.Part(0).AddListener(near, 0);
        hub.Part(1).AddListener(far, 0);
        for (int i = 0; i < 8; i++) Talk(0, hub: hub);
        Assert.Equal((1, 1), (near.Heard.Count, far.Heard.Count));
        hub.Part(0).EndTalk(Header(1), Now);
        Assert.Equal((2, 2), (near.Heard.Count, far.Heard.Count));
        Assert.Equal(0, hub.Part(0).Counters.EarlyFlushes + hub.Part(1).Counters.EarlyFlushes);
        Talk(0, epoch: 2, hub: hub);
        Assert.Equal([Now.AddMs(160), Now.AddMs(160)], _loops.Select(loop => loop.Due));
        foreach (var part in new[] { hub.Part(0), hub.Part(1) }) part.HandleTimeout(Now.AddMs(160));
        Assert.Equal((3, 3), (near.Heard.Count, far.Heard.Count));
        Assert.Equal((1, 1), (hub.Part(0).Counters.EarlyFlushes, hub.Part(1).Counters.EarlyFlushes));
        Assert.Equal(3, hub.Part(1).Counters.ForwardedOf(120));
    }

    [Fact]
    public void Who_joins_in_the_middle_of_a_merged_packet_or_waits_for_its_socket_hears_every_packet_from_there_on()
    {
        var hub = new ChannelHub("fire", _loops, null, forcedFrameMs: 60);
        var first = new Listener(1);
        var joins = new Listener(2);
        hub.Part(0).AddListener(first, 0);
        for (int i = 0; i < 5; i++) Talk(0, hub: hub);
        hub.Part(0).AddListener(joins, 0);
        for (int i = 0; i < 4; i++) Talk(0, hub: hub);
        Assert.Equal([[1, 2, 3], [2, 3]], new[] { first.Heard, joins.Heard });
        first.IsOutputBlocked = true;
        for (int i = 0; i < 6; i++) Talk(0, hub: hub);
        Assert.Equal((3, 2), (first.Heard.Count, joins.Heard.Count));
        first.IsOutputBlocked = false;
        while (hub.Part(0).RunSlice(Now, out _)) continue;
        Assert.Equal([[1, 2, 3, 4, 5], [2, 3, 4, 5]], new[] { first.Heard, joins.Heard });
    }

    [Fact]
    public void A_SIP_talkers_frames_are_merged_behind_the_transcoder_and_its_last_ones_leave_when_they_are_played()
    {
        var hub = new ChannelHub("fire", _loops, null, forcedFrameMs: 120);
        var home = hub.Part(hub.HomeLoop);
        var browser = new Listener(1);
        home.AddListener(browser, 0);
        byte[] tone = new byte[160];
        for (int i = 0; i < tone.Length; i++) tone[i] = (byte)(i * 7 % 64 + 128);
        var header = Header(1) with { Kind = (int)VoiceFrameKind.TalkALaw };
        var now = Now;
        for (int i = 0; i < 20; i++, now = now.AddMs(20))
        {
            home.Talk(header with { Sequence = (ushort)i, Timestamp = (uint)i * 160, Captured = now }, tone, now);
            home.HandleTimeout(now);
        }

        home.EndTalk(header, now);
        int beforeEnd = browser.Heard.Count;
        Assert.InRange(browser.Ticks, 5_760, 20 * 960 - 1);
        for (int i = 0; i < 1_000 && _loops[hub.HomeLoop].TryTakeDue(out var due); i++) home.HandleTimeout(due);
        Assert.True(browser.Heard.Count > beforeEnd);
        Assert.InRange(browser.Ticks, 20 * 960, 23 * 960);
        Assert.Equal(0, home.Counters.EarlyFlushes);
        Assert.InRange(home.Counters.PacketsOf(VoiceFlush.End), 0, 1);
        Assert.Equal(Enumerable.Range(1, browser.Heard.Count), browser.Heard);
    }

    [Fact]
    public void The_recorder_gets_each_frame_as_it_came()
    {
        var hub = new ChannelHub("fire", _loops, _tap, forcedFrameMs: 60);
        hub.Part(0).AddListener(new Listener(1), 0);
        Talk(0, hub: hub);
        Talk(0, hub: hub);
        byte[] payload = new byte[FrameLimits.MaxPayloadBytes];
        for (int i = 0; i < 2; i++)
        {
            Assert.True(_tap.TryRead(payload, out var tapped));
            Assert.Equal((4, i), (tapped.PayloadBytes, payload[1]));
        }
    }

    [Fact]
    public void A_node_under_load_raises_the_class_of_the_channel_for_both_loops_and_the_next_burst_keeps_it()
    {
        var near = new Listener(1);
        var far = new Listener(2);
        _hub.Part(0).AddListener(near, 0);
        _hub.Part(1).AddListener(far, 0);
        foreach (var loop in _loops) loop.BusyPermille = 950;
        for (int i = 0; i < 102; i++) Talk(0, now: Now.AddMs(i * 20));
        Assert.Equal(40, _hub.FrameMs);
        Assert.Equal((101, 101), (near.Heard.Count, far.Heard.Count));
        foreach (var loop in _loops) loop.BusyPermille = 500;
        for (int i = 0; i < 4; i++) Talk(1, epoch: 2, now: Now.AddMs(3_000));
        Assert.Equal(40, _hub.FrameMs);
        Assert.Equal((103, 103), (near.Heard.Count, far.Heard.Count));
        Assert.All(_loops, loop => Assert.Equal(0, loop.Drops[DropReason.Late]));
    }

    private void Talk(int loop, long epoch = 1, ChannelHub? hub = null, Instant? now = null)
    {
        (hub ?? _hub).Part(loop).Talk(Header(epoch) with { Captured = now ?? Now }, [Toc, (byte)_sequence++, 0, 0], now ?? Now);
    }

    private FrameHeader Header(long epoch) => new()
    {
        Kind = (int)VoiceFrameKind.Opus, Number = epoch, Epoch = epoch, Sequence = _sequence, Timestamp = _sequence * 960u, Captured = Now,
    };

    private sealed class Loop(int index, int count) : IVoiceLoop, IFrameCarrier
    {
        public int Index => index;

        public Loop? Other { get; set; }

        public bool IsRingFull { get; set; }

        public int Carried { get; private set; }

        public IFrameCarrier Carrier => this;

        public VoiceFramePool Frames { get; } = new(128);

        public DropCounters Drops { get; } = new();

        public int BusyPermille { get; set; }

        int IFrameCarrier.Loop => index;

        public int LoopCount => count;

        public bool TryCarry(int toLoop, IFrameReceiver receiver, in FrameHeader header, ReadOnlySpan<byte> payload)
        {
            if (IsRingFull) return false;
            Carried++;
            receiver.OnFrame(header, payload, Now);
            return true;
        }

        public void RunSoon(VoiceChannel channel)
        {
        }

        public Instant Due { get; private set; } = Instant.Never;

        public void RunAt(VoiceChannel channel, Instant due) => Due = due;

        /// <summary>As the timer that fires.</summary>
        public bool TryTakeDue(out Instant due)
        {
            due = Due;
            Due = Instant.Never;
            return due != Instant.Never;
        }
    }

    private sealed class Listener(long id, List<long>? order = null) : IVoiceListener
    {
        public SessionId Session => new(id);

        public bool IsOutputBlocked { get; set; }

        /// <summary>Numbers on the channel's line.</summary>
        public List<int> Heard { get; } = [];

        /// <summary>Audio heard, in 48 kHz ticks.</summary>
        public int Ticks { get; private set; }

        public bool SendVoice(int slot, in VoicePacket packet, Instant now)
        {
            Heard.Add(packet.Sequence);
            Ticks += packet.Ticks;
            order?.Add(id);
            return true;
        }

        public void RebaseSlot(int slot)
        {
        }
    }
}
