using System.Net;
using System.Net.Sockets;
using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Media.Wire.Rtcp;
using Comms.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Comms.Media.Tests.Node;

public sealed class MediaNodeTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly List<TestPeer> _peers = [];
    private readonly List<MediaNode> _nodes = [];
    private ushort _sequence = 65_530;
    private uint _timestamp = 0xFFFF_F000;

    private MediaNode Node => _nodes[0];

    public Task InitializeAsync()
    {
        _nodes.Add(new MediaNode(
            new MediaOptions { MediaPort = 0, Loops = 2, BindAddresses = "127.0.0.1", SessionTimeoutMs = 3_000, TalkerSilenceMs = 1_000 },
            NullLoggerFactory.Instance));
        Node.Start();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        foreach (var peer in _peers) await peer.DisposeAsync();
        await Node.DisposeAsync();
    }

    [Fact]
    public async Task A_listener_hears_the_floor_holder_in_order_under_its_own_source_and_payload_type()
    {
        var (talker, listener) = await TwoPeers();
        Assert.True(await Node.OpenGateAsync(talker.Session, Grant(1)));
        for (int i = 0; i < 100; i++) Say(talker, i);
        await listener.WaitHeardAsync(100);
        var heard = listener.Heard.ToArray();
        Assert.Equal(Enumerable.Range(0, 100).Select(i => (byte)i), heard.Select(packet => packet.Payload[1]));
        Assert.All(heard, packet => Assert.Equal((TestPeer.SlotSsrc(0), TestPeer.OpusPayloadType), (packet.Ssrc, packet.PayloadType)));
        AssertContinuous(heard);
        Assert.All(heard.Zip(heard.Skip(1)), pair => Assert.Equal(960u, pair.Second.Timestamp - pair.First.Timestamp));
        Assert.Equal([0], heard.Index().Where(packet => packet.Item.Marker).Select(packet => packet.Index));
        Assert.Empty(talker.Heard);
        Assert.Equal(0, listener.Refused);
    }

    [Fact]
    public async Task Speech_without_the_floor_is_never_forwarded()
    {
        var (talker, listener) = await TwoPeers();
        for (int i = 0; i < 20; i++) Say(talker, i);
        await WaitDropped("GateClosed", 20);
        Assert.True(await Node.OpenGateAsync(talker.Session, Grant(1)));
        Say(talker, 77);
        await listener.WaitHeardAsync(1);
        Assert.Equal(77, Assert.Single(listener.Heard).Payload[1]);
        Assert.True(await Node.CloseGateAsync(talker.Session));
        Say(talker, 78);
        await WaitDropped("GateClosed", 21);
        Assert.Single(listener.Heard);
    }

    [Fact]
    public async Task A_forged_or_replayed_packet_is_never_forwarded()
    {
        var (talker, listener) = await TwoPeers();
        Assert.True(await Node.OpenGateAsync(talker.Session, Grant(1)));
        byte[] first = Say(talker, 1);
        await listener.WaitHeardAsync(1);

        // The talker's own authentic packet, unsent so far, from a third address; then a replay; then one byte changed.
        using var third = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        byte[] next = talker.Protect(_sequence++, _timestamp += 960, [2]);
        third.Send(next, talker.Server!);
        await WaitDropped("ForeignSource", 1);
        talker.SendRaw(first);
        await WaitDropped("Duplicate", 1);
        byte[] forged = talker.Protect(_sequence++, _timestamp += 960, [3]);
        forged[^1] ^= 1;
        talker.SendRaw(forged);
        await WaitDropped("Unauthentic", 1);
        talker.SendRaw([0x80, TestPeer.OpusPayloadType]);
        await WaitDropped("Malformed", 1);

        Say(talker, 4);
        await listener.WaitHeardAsync(2);
        Assert.Equal([1, 4], listener.Heard.Select(packet => (int)packet.Payload[1]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Speech_before_the_decision_is_sent_on_grant_and_discarded_on_denial(bool granted)
    {
        var (talker, listener) = await TwoPeers();
        Assert.True(await Node.BeginRequestAsync(talker.Session, "fire"));
        for (int i = 0; i < 10; i++) Say(talker, i);
        await WaitReceived(talker, 10);
        Assert.Empty(listener.Heard);
        if (!granted) Assert.True(await Node.CloseGateAsync(talker.Session));
        Assert.True(await Node.OpenGateAsync(talker.Session, Grant(1)));
        for (int i = 10; i < 15; i++) Say(talker, i);
        int first = granted ? 0 : 10;
        await listener.WaitHeardAsync(15 - first);
        Assert.Equal(Enumerable.Range(first, 15 - first), listener.Heard.Select(packet => (int)packet.Payload[1]));
        AssertContinuous([.. listener.Heard]);
    }

    [Fact]
    public async Task A_grant_out_of_the_queue_starts_with_live_speech()
    {
        var (talker, listener) = await TwoPeers();
        await Node.BeginRequestAsync(talker.Session, "fire");
        for (int i = 0; i < 5; i++) Say(talker, i);
        await WaitReceived(talker, 5);
        await Node.OpenGateAsync(talker.Session, Grant(1) with { FromQueue = true });
        Say(talker, 9);
        await listener.WaitHeardAsync(1);
        Assert.Equal(9, Assert.Single(listener.Heard).Payload[1]);
    }

    [Fact]
    public async Task A_gate_closes_by_itself_when_its_lease_is_not_renewed()
    {
        var (talker, listener) = await TwoPeers();
        await Node.OpenGateAsync(talker.Session, Grant(1) with { LeaseMs = 200 });
        using var stop = new CancellationTokenSource();
        int said = 0;
        while (true)
        {
            Say(talker, said++);
            if (Node.Events.TryRead(out var happened) && happened is GateClosed closed)
            {
                Assert.Equal(new GateClosed(talker.Session, "fire", new BurstId(1), GateCloseReason.LeaseExpired), closed);
                break;
            }

            await Task.Yield();
        }

        int heard = listener.Heard.Count;
        Assert.InRange(heard, 1, said);
        Assert.False(await Node.RenewGateAsync(talker.Session, new BurstId(1), 1_000));
        await WaitDropped("GateClosed", 1, () => Say(talker, 0));
    }

    [Fact]
    public async Task A_silent_talker_loses_its_gate_and_an_old_epoch_never_opens_one()
    {
        var (talker, listener) = await TwoPeers();
        Assert.True(await Node.OpenGateAsync(talker.Session, Grant(5)));
        var closed = await NextEvent<GateClosed>();
        Assert.Equal(GateCloseReason.TalkerSilent, closed.Reason);
        Assert.False(await Node.OpenGateAsync(talker.Session, Grant(4)));
        Assert.False(await Node.OpenGateAsync(listener.Session, Grant(4)));
        Assert.True(await Node.OpenGateAsync(listener.Session, Grant(6)));
    }

    [Fact]
    public async Task Bursts_of_changing_talkers_run_on_one_line_with_a_marker_each_and_the_elapsed_time()
    {
        var (first, second) = await TwoPeers();
        var listener = await Connect();
        await Node.ListenAsync(listener.Session, 0, "fire");
        await Node.OpenGateAsync(first.Session, Grant(1));
        for (int i = 0; i < 5; i++) Say(first, i);
        await listener.WaitHeardAsync(5);
        await Node.CloseGateAsync(first.Session);
        await Node.OpenGateAsync(second.Session, Grant(2));
        for (int i = 5; i < 10; i++) second.Say((ushort)(100 + i), (uint)(5_000_000 + i * 960), TestPeer.OpusPacket(i));
        await listener.WaitHeardAsync(10);
        var heard = listener.Heard.ToArray();
        Assert.Equal(Enumerable.Range(0, 10), heard.Select(packet => (int)packet.Payload[1]));
        AssertContinuous(heard);
        Assert.Equal([0, 5], heard.Index().Where(packet => packet.Item.Marker).Select(packet => packet.Index));
        Assert.InRange(heard[5].Timestamp - heard[4].Timestamp, 480u, 48_000u * 30);
        Assert.Equal(5, first.Heard.Count);
        await second.WaitHeardAsync(5);
    }

    [Fact]
    public async Task A_listener_that_joins_late_or_changes_channel_hears_from_there_on_in_one_line()
    {
        var talker = await Connect();
        var listener = await Connect();
        await Node.OpenGateAsync(talker.Session, Grant(1));
        for (int i = 0; i < 10; i++) Say(talker, i);
        await WaitReceived(talker, 10);
        await Node.ListenAsync(listener.Session, 0, "fire");
        for (int i = 10; i < 15; i++) Say(talker, i);
        await listener.WaitHeardAsync(5);
        Assert.True(listener.Heard.First().Marker);
        await Node.ListenAsync(listener.Session, 0, "police");
        Say(talker, 99);
        await WaitReceived(talker, 16);
        await Node.ListenAsync(listener.Session, 0, "fire");
        Say(talker, 15);
        await listener.WaitHeardAsync(6);
        Assert.Equal(Enumerable.Range(10, 6), listener.Heard.Select(packet => (int)packet.Payload[1]));
        AssertContinuous([.. listener.Heard]);
    }

    [Fact]
    public async Task A_session_hears_two_channels_in_two_slots_under_two_sources()
    {
        var fire = await Connect();
        var police = await Connect();
        var listener = await Connect(slots: 2);
        await Node.ListenAsync(listener.Session, 0, "fire");
        await Node.ListenAsync(listener.Session, 1, "police");
        await Node.OpenGateAsync(fire.Session, Grant(1));
        await Node.OpenGateAsync(police.Session, Grant(1) with { ChannelId = "police" });
        Say(fire, 1);
        police.Say(1, 1, TestPeer.OpusPacket(2));
        await listener.WaitHeardAsync(2);
        Assert.Equal(
            [(TestPeer.SlotSsrc(0), (byte)1), (TestPeer.SlotSsrc(1), (byte)2)], listener.Heard.Select(packet => (packet.Ssrc, packet.Payload[1])).Order());
    }

    [Fact]
    public async Task A_lost_voice_packet_is_sent_again_byte_for_byte_when_the_listener_asks()
    {
        var (talker, listener) = await TwoPeers();
        listener.KeepsRawRtp = true;
        await Node.OpenGateAsync(talker.Session, Grant(1));
        for (int i = 0; i < 20; i++) Say(talker, i);
        await listener.WaitHeardAsync(20);
        var lost = listener.Heard.ElementAt(12);
        byte[] compound = new byte[64];
        AskAgain(listener, compound, lost.Sequence);

        // The peer's own replay window refuses the repetition, which is how it can be seen: same number, authentic or not.
        using var limit = new CancellationTokenSource(Patience);
        while (listener.Refused == 0) Assert.False(limit.IsCancellationRequested, "nothing came again");
        Assert.Equal(listener.RawRtp.ElementAt(12), listener.RawRtp.Last());
        AskAgain(listener, compound, (ushort)(lost.Sequence + 5_000));
        await WaitDropped("NotInHistory", 1);
    }

    [Fact]
    public async Task A_session_whose_peer_is_gone_ends_and_leaves_its_channel()
    {
        var (talker, listener) = await TwoPeers();
        await Node.OpenGateAsync(talker.Session, Grant(1));
        await listener.DisposeAsync();
        var ended = await NextEvent<SessionEnded>();
        Assert.Equal(new SessionEnded(listener.Session, SessionEndReason.Timeout), ended);
        var snapshot = await Node.SnapshotAsync();
        Assert.Equal(1, Assert.Single(snapshot.Channels).Listeners);
        Assert.False(await Node.ListenAsync(listener.Session, 0, "fire"));
    }

    [Fact]
    public async Task A_bounded_snapshot_counts_everyone_and_shows_who_talks()
    {
        var (talker, _) = await TwoPeers();
        await Node.OpenGateAsync(talker.Session, Grant(1));
        var snapshot = await Node.SnapshotAsync(maxSessions: 0);
        Assert.Equal(2, snapshot.SessionCount);
        Assert.Equal(talker.Session.ToString(), Assert.Single(snapshot.Sessions).Session);
        Assert.Equal(talker.Session.ToString(), Assert.Single(snapshot.Channels, channel => channel.TalkerSession is not null).TalkerSession);
    }

    [Fact]
    public async Task What_is_asked_before_the_peer_has_connected_holds_when_it_has()
    {
        var talker = await Connect();
        var listener = new TestPeer();
        _peers.Add(listener);
        await listener.OpenAsync(Node);
        Assert.True(await Node.ListenAsync(listener.Session, 0, "fire"));
        Assert.Contains((await Node.SnapshotAsync()).Sessions, session => session.Session == listener.Session.ToString() && session.State == "new");
        await listener.StartAsync(Node);
        await NextEvent<SessionConnected>(connected => connected.Session == listener.Session);
        await Node.OpenGateAsync(talker.Session, Grant(1));
        Say(talker, 3);
        await listener.WaitHeardAsync(1);
        Assert.True(await Node.CloseSessionAsync(listener.Session));
        Assert.False(await Node.CloseSessionAsync(listener.Session));
    }

    [Fact]
    public async Task A_session_that_no_check_reaches_ends_by_itself()
    {
        var peer = new TestPeer();
        _peers.Add(peer);
        await peer.OpenAsync(Node);
        var ended = await NextEvent<SessionEnded>();
        Assert.Equal(new SessionEnded(peer.Session, SessionEndReason.Timeout), ended);
    }

    private static TalkGrant Grant(long epoch) => new() { ChannelId = "fire", Burst = new BurstId(epoch), Epoch = epoch, LeaseMs = 20_000 };

    private static void AssertContinuous(HeardPacket[] heard) =>
        Assert.All(heard.Zip(heard.Skip(1)), pair => Assert.Equal((ushort)(pair.First.Sequence + 1), pair.Second.Sequence));

    private async Task<TestPeer> Connect(int slots = 1)
    {
        var peer = new TestPeer();
        _peers.Add(peer);
        await peer.ConnectAsync(Node, slots);
        await NextEvent<SessionConnected>(connected => connected.Session == peer.Session);
        return peer;
    }

    /// <summary>Both connected and listening to "fire".</summary>
    private async Task<(TestPeer First, TestPeer Second)> TwoPeers()
    {
        var first = await Connect();
        var second = await Connect();
        Assert.True(await Node.ListenAsync(first.Session, 0, "fire"));
        Assert.True(await Node.ListenAsync(second.Session, 0, "fire"));
        return (first, second);
    }

    private static void AskAgain(TestPeer listener, byte[] compound, ushort sequence)
    {
        var writer = new CompoundWriter(compound);
        writer.AddReceiverReport(1, []);
        writer.AddNack(1, TestPeer.SlotSsrc(0), sequence, 0);
        listener.SendRtcp(writer.Written);
    }

    private byte[] Say(TestPeer talker, int mark) => talker.Say(_sequence++, _timestamp += 960, TestPeer.OpusPacket(mark));

    private async Task<T> NextEvent<T>(Func<T, bool>? wanted = null)
        where T : MediaEvent
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            if (await Node.Events.ReadAsync(limit.Token) is T found && (wanted is null || wanted(found))) return found;
        }
    }

    private async Task WaitDropped(string reason, long count, Action? again = null)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            var drops = (await Node.SnapshotAsync()).Drops;
            if (drops.GetValueOrDefault(reason) >= count) return;
            Assert.False(limit.IsCancellationRequested, $"{reason}: {string.Join(", ", drops)}");
            again?.Invoke();
        }
    }

    private async Task WaitReceived(TestPeer peer, long count)
    {
        using var limit = new CancellationTokenSource(Patience);
        while ((await Node.SnapshotAsync()).Sessions.Single(session => session.Session == peer.Session.ToString()).PacketsReceived < count)
            Assert.False(limit.IsCancellationRequested, "the node received too little");
    }
}
