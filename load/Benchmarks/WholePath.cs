using System.Net;
using System.Security.Cryptography;
using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Comms.Benchmarks;

/// <summary>
/// One talker and many listeners at a real media node over loopback UDP: what the loop threads allocate and spend for each
/// packet that a listener received. Every listener must have authenticated every packet, or the figure is void.
/// </summary>
internal static class WholePath
{
    private const int Listeners = 50;
    private const int WarmUpPackets = 500;
    private const int Packets = 2_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task<ForwardingFigures> MeasureAsync()
    {
        await using var node = new MediaNode(
            new MediaOptions { MediaPort = 0, BindAddresses = "127.0.0.1", RtpPortMin = 30_000, RtpPortMax = 30_999, FrameMs = "20", TalkerSilenceMs = 60_000 }, NullLoggerFactory.Instance);
        node.Start();
        await using var talker = new TestPeer();
        await talker.ConnectAsync(node);
        var listeners = new List<TestPeer>();
        try
        {
            for (int i = 0; i < Listeners; i++)
            {
                var peer = new TestPeer(new IPAddress([127, 0, 1, (byte)(i + 1)]));
                listeners.Add(peer);
                await peer.ConnectAsync(node);
                await node.ListenAsync(peer.Session, 0, "bench");
            }

            await node.BeginRequestAsync(talker.Session, "bench");
            await node.OpenGateAsync(talker.Session, new TalkGrant { ChannelId = "bench", Burst = new BurstId(1), Epoch = 1, LeaseMs = 600_000 });
            return await TalkAsync(node, talker, listeners);
        }
        finally
        {
            foreach (var listener in listeners) await listener.DisposeAsync();
        }
    }

    private static async Task<ForwardingFigures> TalkAsync(MediaNode node, TestPeer talker, List<TestPeer> listeners)
    {
        byte[] payload = RandomNumberGenerator.GetBytes(60);
        payload[0] = 0x78;
        await SayAsync(talker, listeners, payload, 0, WarmUpPackets);
        // A session's first report makes its RTCP keys, which no packet pays for.
        using var limit = new CancellationTokenSource(Patience);
        while (listeners.Append(talker).Any(peer => peer.Reports.IsEmpty))
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        await SettleAsync(node);
        long allocatedBefore = node.Loops.Sum(loop => loop.Events.AllocatedBytes);
        long cpuBefore = node.Loops.Sum(loop => loop.Events.CpuNanoseconds);

        await SayAsync(talker, listeners, payload, WarmUpPackets, Packets);
        await SettleAsync(node);

        long allocated = node.Loops.Sum(loop => loop.Events.AllocatedBytes) - allocatedBefore;
        long cpu = node.Loops.Sum(loop => loop.Events.CpuNanoseconds) - cpuBefore;
        long forwarded = (long)Packets * listeners.Count;
        long lost = forwarded + (long)WarmUpPackets * listeners.Count - listeners.Sum(peer => (long)peer.Heard.Count);
        return new ForwardingFigures(listeners.Count, forwarded, lost, cpu / 1_000.0 / forwarded, (double)allocated / forwarded);
    }

    /// <summary>The counters are published at the end of a turn: waits for one more of each loop, without a command that would allocate.</summary>
    private static async Task SettleAsync(MediaNode node)
    {
        foreach (var loop in node.Loops)
        {
            long turns = loop.Events.Turns;
            while (loop.Events.Turns < turns + 2)
            {
                loop.Events.Wake();
                await Task.Yield();
            }
        }
    }

    /// <summary>Ten packets, then the wait until all have heard them: no queue may overflow, and nothing is paced by a clock.</summary>
    private static async Task SayAsync(TestPeer talker, List<TestPeer> listeners, byte[] payload, int from, int count)
    {
        for (int i = from; i < from + count; i++)
        {
            talker.Say((ushort)i, (uint)i * 960, payload);
            if (i % 10 != 9) continue;
            foreach (var listener in listeners) await listener.WaitHeardAsync(i + 1);
        }
    }
}

/// <summary>Totals of one run; CPU and bytes are per packet received by a listener.</summary>
internal sealed record ForwardingFigures(int Listeners, long Forwarded, long Lost, double LoopUsPerPacket, double BytesPerPacket);
