using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Comms.Media.Tests.Node;

/// <summary>Hundreds of phones that come, or come back, at once while someone talks.</summary>
public sealed class JoinStormTests
{
    private const int Stormers = 500;
    private const int Listeners = 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Five_hundred_handshakes_at_once_all_end_while_voice_goes_on_in_order()
    {
        await using var node = Start();
        await using var talker = new TestPeer();
        await talker.ConnectAsync(node);
        var listeners = Enumerable.Range(0, Listeners).Select(_ => new TestPeer()).ToArray();
        await Task.WhenAll(listeners.Select(listener => listener.ConnectAsync(node)));
        foreach (var listener in listeners) await node.ListenAsync(listener.Session, 0, "fire");
        await node.OpenGateAsync(talker.Session, new TalkGrant { ChannelId = "fire", Burst = new BurstId(1), Epoch = 1, LeaseMs = 600_000 });

        var stormers = Open(node, out _);
        foreach (var stormer in stormers) stormer.Begin(node);
        int said = 0;
        for (var joined = Task.WhenAll(stormers.Select(stormer => stormer.Connected)); !joined.IsCompleted || said < 100; said++)
        {
            talker.Say((ushort)said, (uint)said * 960, [0x78, (byte)said, (byte)(said >> 8)]);
            foreach (var listener in listeners) await listener.WaitHeardAsync(said + 1);
        }

        foreach (var listener in listeners)
        {
            Assert.Equal(Enumerable.Range(0, said), listener.Heard.Select(packet => packet.Payload[1] | packet.Payload[2] << 8));
            Assert.Equal(0, listener.Refused);
        }

        await Eventually.TrueAsync(() => node.Loops.Sum(loop => loop.Counters.HandshakesDone) == Stormers + Listeners + 1, "all sessions connected");
        Assert.Equal(0, node.Loops.Sum(loop => loop.Counters.HandshakesFailed + loop.Handshakes.Waiting + loop.Handshakes.InProgress));
        await EndAsync([.. stormers, .. listeners]);
    }

    [Fact]
    public async Task What_a_storm_took_is_given_back_when_its_sessions_end_and_serves_the_next_one()
    {
        await using var node = Start();
        long tableBytes = 0;
        for (int round = 0; round < 2; round++)
        {
            var stormers = Open(node, out _);
            foreach (var stormer in stormers) stormer.Begin(node);
            await Task.WhenAll(stormers.Select(stormer => stormer.Connected)).WaitAsync(Patience);
            foreach (var stormer in stormers) Assert.True(await node.CloseSessionAsync(stormer.Session));
            await EndAsync(stormers);

            Assert.Equal(0, node.Sessions.Count);
            Assert.Equal(0, node.Loops.Sum(loop => loop.SessionCount));
            Assert.Equal(0, node.Loops.Sum(loop => loop.Handshakes.InProgress));
            if (round == 0) tableBytes = node.Loops.Sum(loop => loop.Table.Bytes);
        }

        // Which loop gets which phone differs from round to round, by less than one more piece each.
        Assert.InRange(node.Loops.Sum(loop => loop.Table.Bytes), 1, tableBytes + 2 * (1 << 20));
    }

    [Fact]
    public async Task A_joined_phone_costs_the_media_plane_few_kilobytes()
    {
        await using var node = Start();
        var stormers = Open(node, out long openedBytes);
        long before = node.Loops.Sum(loop => loop.Events.AllocatedBytes);
        foreach (var stormer in stormers) stormer.Begin(node);
        await Task.WhenAll(stormers.Select(stormer => stormer.Connected)).WaitAsync(Patience);
        await node.SnapshotAsync();

        // All that is ever allocated for a session, kept or not, and the native memory of its keys.
        long managed = (node.Loops.Sum(loop => loop.Events.AllocatedBytes) - before + openedBytes) / Stormers;
        long native = node.Loops.Sum(loop => loop.Table.Bytes) / Stormers;
        Assert.InRange(managed, 1, 24 * 1_024);
        Assert.InRange(native, 1, 5 * 1_024);
        await EndAsync(stormers);
    }

    private static MediaNode Start()
    {
        var node = new MediaNode(
            new MediaOptions { MediaPort = 0, Loops = 2, BindAddresses = "127.0.0.1", TalkerSilenceMs = 60_000, FrameMs = "20" }, NullLoggerFactory.Instance);
        node.Start();
        return node;
    }

    /// <summary>Opening never waits, so that what it allocates can be counted on this thread.</summary>
    private static TestPeer[] Open(MediaNode node, out long allocated)
    {
        var peers = Enumerable.Range(0, Stormers).Select(_ => new TestPeer()).ToArray();
        var parameters = peers.Select(peer => peer.Parameters(slots: 4)).ToArray();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < peers.Length; i++) Assert.True(peers[i].OpenAsync(node, parameters[i]).IsCompletedSuccessfully);
        allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        return peers;
    }

    private static async Task EndAsync(TestPeer[] peers)
    {
        foreach (var peer in peers) await peer.DisposeAsync();
    }
}
