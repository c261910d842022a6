using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Media.Wire.Opus;
using Comms.Media.Wire.Rtcp;
using Comms.Media.Wire.Rtp;
using Comms.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Comms.Media.Tests.Node;

/// <summary>A listener that loses packets, over real sockets: merged packets again, and each packet twice.</summary>
public sealed class VoiceLossTests : IAsyncLifetime
{
    private const byte Red = 63;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly List<IAsyncDisposable> _resources =
    [
        new TestPeer(),
        new TestPeer { KeepsRawRtp = true },
        new MediaNode(
            new MediaOptions { MediaPort = 0, BindAddresses = "127.0.0.1", FrameMs = "60", TalkerSilenceMs = 60_000 }, NullLoggerFactory.Instance),
    ];

    private int _said;

    private TestPeer Talker => (TestPeer)_resources[0];

    private TestPeer Listener => (TestPeer)_resources[1];

    private MediaNode Node => (MediaNode)_resources[2];

    public async Task InitializeAsync()
    {
        Node.Start();
        await Talker.ConnectAsync(Node);
        var parameters = Listener.Parameters();
        await Listener.OpenAsync(Node, parameters with { AudioSlots = [parameters.AudioSlots[0] with { RedPayloadType = Red }] });
        await Listener.StartAsync(Node);
        Assert.True(await Node.ListenAsync(Listener.Session, 0, "fire"));
        while ((await Node.SnapshotAsync()).Sessions.Count(session => session.State == "connected") < 2) await Task.Yield();
        Assert.True(await Node.OpenGateAsync(Talker.Session, new TalkGrant { ChannelId = "fire", Burst = new BurstId(1), Epoch = 1, LeaseMs = 600_000 }));
    }

    public async Task DisposeAsync()
    {
        foreach (var resource in _resources) await resource.DisposeAsync();
    }

    [Fact]
    public async Task A_lost_merged_packet_comes_again_byte_for_byte()
    {
        await Say(packets: 10);
        var lost = Listener.Heard.ElementAt(6);
        SendReport(lost: 0, missed: lost.Sequence);
        await WaitRepeated();
        Assert.Equal(Listener.RawRtp.ElementAt(6), Listener.RawRtp.Last());
        Assert.True(OpusPacketView.TryParse(lost.Payload, out var packet, out _));
        Assert.Equal(3, packet.FrameCount);
    }

    [Fact]
    public async Task Above_five_per_cent_each_packet_carries_the_one_before_and_comes_again_byte_for_byte()
    {
        await Say(packets: 10);
        SendReport(lost: 26, missed: null);
        using var limit = new CancellationTokenSource(Patience);
        while (Listener.Heard.Last().PayloadType != Red)
        {
            Assert.False(limit.IsCancellationRequested, "no redundancy came");
            await Say(packets: 1);
        }

        await Say(packets: 5);
        var heard = Listener.Heard.ToArray();
        int first = Array.FindIndex(heard, packet => packet.PayloadType == Red);
        byte[] before = heard[first - 1].Payload;
        for (int i = first; i < heard.Length; i++)
        {
            Assert.Equal(heard[i - 1].Sequence + 1, heard[i].Sequence);
            Assert.True(RedPayload.TryParse(heard[i].Payload, out var red));
            Assert.Equal((2_880, TestPeer.OpusPayloadType), (red.OffsetTicks, red.PayloadType));
            Assert.Equal(before, red.Previous.ToArray());
            before = red.Primary.ToArray();
        }

        SendReport(lost: 26, missed: heard[first + 2].Sequence);
        await WaitRepeated();
        Assert.Equal(Listener.RawRtp.ElementAt(first + 2), Listener.RawRtp.Last());
        SendReport(lost: 26, missed: heard[first - 1].Sequence);
        await WaitRepeated(2);
        Assert.Equal(Listener.RawRtp.ElementAt(first - 1), Listener.RawRtp.Last());
    }

    [Fact]
    public async Task Frames_of_aTalker_whose_link_died_arrive_without_a_release()
    {
        SayFrame();
        await Listener.WaitHeardAsync(1);
        var channel = Assert.Single((await Node.SnapshotAsync()).Channels);
        Assert.Equal((60, 1L), (channel.FrameMs, channel.EarlyFlushes));
    }

    private async Task Say(int packets)
    {
        int heard = Listener.Heard.Count;
        for (int i = 0; i < 3 * packets; i++) SayFrame();
        await Listener.WaitHeardAsync(heard + packets);
    }

    private void SayFrame()
    {
        Talker.Say((ushort)_said, (uint)(_said * 960), TestPeer.OpusPacket(_said));
        _said++;
    }

    private void SendReport(byte lost, ushort? missed)
    {
        var writer = new CompoundWriter(new byte[128]);
        var block = new ReportBlock { Ssrc = TestPeer.SlotSsrc(0), FractionLost = lost, HighestSequence = Listener.Heard.Last().Sequence };
        writer.AddReceiverReport(1, [block]);
        if (missed is { } sequence) writer.AddNack(1, TestPeer.SlotSsrc(0), sequence, 0);
        Listener.SendRtcp(writer.Written);
    }

    /// <summary>The peer's own replay window refuses a repetition, which is how it can be seen.</summary>
    private async Task WaitRepeated(int times = 1)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (Listener.Refused < times)
        {
            Assert.False(limit.IsCancellationRequested, "nothing came again");
            await Task.Yield();
        }
    }
}
