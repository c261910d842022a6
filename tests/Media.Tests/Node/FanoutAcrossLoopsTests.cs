using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Comms.Media.Tests.Node;

public sealed class FanoutAcrossLoopsTests
{
    private const int Listeners = 200;
    private const int WarmUpPackets = 100;
    private const int Packets = 1_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Two_hundred_listeners_on_two_loops_hear_everything_in_order_and_a_forwarded_packet_allocates_nothing()
    {
        await using var node = new MediaNode(new MediaOptions { MediaPort = 0, Loops = 2, BindAddresses = "127.0.0.1", TalkerSilenceMs = 60_000 }, NullLoggerFactory.Instance);
        node.Start();
        var talker = new TestPeer();
        await talker.ConnectAsync(node);
        var listeners = Enumerable.Range(0, Listeners).Select(_ => new TestPeer()).ToArray();
        await Task.WhenAll(listeners.Select(listener => listener.ConnectAsync(node)));
        foreach (var listener in listeners) Assert.True(await node.ListenAsync(listener.Session, 0, "fire"));
        await AllConnected(node, Listeners + 1);
        Assert.All(node.Loops, loop => Assert.InRange(loop.SessionCount, 50, 151));
        var grant = new TalkGrant { ChannelId = "fire", Burst = new BurstId(1), Epoch = 1, LeaseMs = 600_000 };
        Assert.True(await node.OpenGateAsync(talker.Session, grant));

        // The first report makes each session's RTCP keys; the talker's own needs no key before it sends one.
        await Say(talker, listeners, 0, WarmUpPackets);
        using var limit = new CancellationTokenSource(Patience);
        while (listeners.Any(listener => listener.Reports.IsEmpty))
        {
            Assert.False(limit.IsCancellationRequested, "no sender report came");
            await Task.Yield();
        }

        long[] before = [.. node.Loops.Select(loop => loop.Events.AllocatedBytes)];
        await Say(talker, listeners, WarmUpPackets, Packets);
        long[] allocated = [.. node.Loops.Select((loop, index) => loop.Events.AllocatedBytes - before[index])];

        Assert.Equal([0, 0], allocated);
        foreach (var listener in listeners)
        {
            var heard = listener.Heard.ToArray();
            Assert.Equal(WarmUpPackets + Packets, heard.Length);
            Assert.Equal(0, listener.Refused);
            for (int i = 0; i < heard.Length; i++)
            {
                Assert.Equal(i, BitConverter.ToInt32(heard[i].Payload, 1));
                Assert.Equal((ushort)(heard[0].Sequence + i), heard[i].Sequence);
            }

            await listener.DisposeAsync();
        }

        await talker.DisposeAsync();
    }

    /// <summary>Never more than 20 packets ahead of the slowest listener, so that no socket buffer of the test overflows.</summary>
    private static async Task Say(TestPeer talker, TestPeer[] listeners, int first, int count)
    {
        byte[] payload = [.. TestPeer.OpusPacket(0), .. new byte[76]];
        for (int i = first; i < first + count; i++)
        {
            BitConverter.TryWriteBytes(payload.AsSpan(1), i);
            talker.Say((ushort)i, (uint)(i * 960), payload);
            if (i % 20 != 19) continue;
            foreach (var listener in listeners) await listener.WaitHeardAsync(i + 1);
        }

        foreach (var listener in listeners) await listener.WaitHeardAsync(first + count);
    }

    private static async Task AllConnected(MediaNode node, int count)
    {
        using var limit = new CancellationTokenSource(Patience);
        while ((await node.SnapshotAsync()).Sessions.Count(session => session.State == "connected") < count)
            Assert.False(limit.IsCancellationRequested, "not all peers connected");
    }
}
