using System.Globalization;
using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Media.Wire.Opus;
using Comms.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Comms.Media.Tests.Node;

public sealed class FanoutAcrossLoopsTests
{
    private const int Listeners = 200;
    private const int WarmUpFrames = 120;
    private const int Frames = 960;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(20)]
    [InlineData(60)]
    [InlineData(120)]
    public async Task Two_hundred_listeners_on_two_loops_hear_every_frame_in_order_and_a_forwarded_packet_allocates_nothing(int frameMs)
    {
        int frames = frameMs / 20;
        var options = new MediaOptions
        {
            MediaPort = 0, Loops = 2, BindAddresses = "127.0.0.1", TalkerSilenceMs = 60_000, FrameMs = frameMs.ToString(CultureInfo.InvariantCulture),
        };
        await using var node = new MediaNode(options, NullLoggerFactory.Instance);
        node.Start();
        await using var talker = new TestPeer();
        await talker.ConnectAsync(node);
        Assert.True(await node.ListenAsync(talker.Session, 0, "fire"));
        var listeners = Enumerable.Range(0, Listeners).Select(_ => new TestPeer()).ToArray();
        await Task.WhenAll(listeners.Select(listener => listener.ConnectAsync(node)));
        foreach (var listener in listeners) Assert.True(await node.ListenAsync(listener.Session, 0, "fire"));
        await AllConnected(node, Listeners + 1);
        Assert.All(node.Loops, loop => Assert.InRange(loop.SessionCount, 50, 151));
        var grant = new TalkGrant { ChannelId = "fire", Burst = new BurstId(1), Epoch = 1, LeaseMs = 600_000 };
        Assert.True(await node.OpenGateAsync(talker.Session, grant));

        // The first report makes each session's RTCP keys; the talker's own needs no key before it sends one.
        await Say(talker, listeners, 0, WarmUpFrames, frames);
        using var limit = new CancellationTokenSource(Patience);
        while (listeners.Any(listener => listener.Reports.IsEmpty))
        {
            Assert.False(limit.IsCancellationRequested, "no sender report came");
            await Task.Yield();
        }

        long[] before = [.. node.Loops.Select(loop => loop.Events.AllocatedBytes)];
        await Say(talker, listeners, WarmUpFrames, Frames, frames);
        long[] allocated = [.. node.Loops.Select((loop, index) => loop.Events.AllocatedBytes - before[index])];

        Assert.Equal([0, 0], allocated);
        Assert.Empty(talker.Heard);
        foreach (var listener in listeners)
        {
            AssertHeardAll(listener, frames);
            await listener.DisposeAsync();
        }
    }

    private static void AssertHeardAll(TestPeer listener, int frames)
    {
        var heard = listener.Heard.ToArray();
        Assert.Equal((WarmUpFrames + Frames) / frames, heard.Length);
        Assert.Equal(0, listener.Refused);
        for (int i = 0; i < heard.Length; i++)
        {
            Assert.Equal((ushort)(heard[0].Sequence + i), heard[i].Sequence);
            Assert.Equal(heard[0].Timestamp + (uint)(i * frames * 960), heard[i].Timestamp);
            Assert.True(OpusPacketView.TryParse(heard[i].Payload, out var packet, out _));
            Assert.Equal(frames, packet.FrameCount);
            for (int frame = 0; frame < frames; frame++) Assert.Equal(i * frames + frame, BitConverter.ToInt32(packet.Frame(frame)));
        }
    }

    /// <summary>Never more than 24 frames ahead of the slowest listener, so that no socket buffer of the test overflows.</summary>
    private static async Task Say(TestPeer talker, TestPeer[] listeners, int first, int count, int framesPerPacket)
    {
        byte[] payload = [.. TestPeer.OpusPacket(0), .. new byte[76]];
        for (int i = first; i < first + count; i++)
        {
            BitConverter.TryWriteBytes(payload.AsSpan(1), i);
            talker.Say((ushort)i, (uint)(i * 960), payload);
            if (i % 24 != 23) continue;
            foreach (var listener in listeners) await listener.WaitHeardAsync((i + 1) / framesPerPacket);
        }

        foreach (var listener in listeners) await listener.WaitHeardAsync((first + count) / framesPerPacket);
    }

    private static async Task AllConnected(MediaNode node, int count)
    {
        using var limit = new CancellationTokenSource(Patience);
        while ((await node.SnapshotAsync()).Sessions.Count(session => session.State == "connected") < count)
            Assert.False(limit.IsCancellationRequested, "not all peers connected");
    }
}
