using System.Net;
using System.Net.Sockets;
using Comms.Media.Crypto;
using Comms.Media.Fanout;
using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Media.Wire.Rtcp;
using Comms.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Comms.Media.Tests.Node;

public sealed class WebRtcTransportTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly MediaOptions Options = new() { MediaPort = 0, Loops = 2, BindAddresses = "127.0.0.1" };

    [Theory]
    [InlineData(SrtpProfile.AeadAes128Gcm)]
    [InlineData(SrtpProfile.Aes128CmHmacSha1_80)]
    public async Task Both_protection_profiles_carry_voice(SrtpProfile profile)
    {
        await using var node = Start();
        await using var talker = new TestPeer(profiles: [profile]);
        await using var listener = new TestPeer();
        await talker.ConnectAsync(node);
        await listener.ConnectAsync(node);
        await node.ListenAsync(listener.Session, 0, "fire");
        await node.OpenGateAsync(talker.Session, Grant());
        for (int i = 0; i < 10; i++) talker.Say((ushort)i, (uint)(i * 960), TestPeer.OpusPacket(i));
        await listener.WaitHeardAsync(10);
    }

    [Fact]
    public async Task A_certificate_that_the_offer_did_not_name_ends_the_session()
    {
        await using var node = Start();
        await using var peer = new TestPeer();
        var parameters = peer.Parameters();
        await peer.OpenAsync(node, parameters with { Fingerprint = [.. parameters.Fingerprint.Reverse()] });
        peer.Begin(node);
        Assert.Equal(SessionEndReason.WrongFingerprint, (await Next<SessionEnded>(node)).Reason);
    }

    [Fact]
    public async Task An_ICE_restart_keeps_keys_and_media_under_new_credentials()
    {
        await using var node = Start();
        await using var talker = new TestPeer();
        await using var listener = new TestPeer();
        await talker.ConnectAsync(node);
        await listener.ConnectAsync(node);
        await node.ListenAsync(listener.Session, 0, "fire");
        await node.OpenGateAsync(talker.Session, Grant());
        await listener.RestartIceAsync(node);
        for (int i = 0; listener.Heard.Count < 10; i++)
        {
            talker.Say((ushort)i, (uint)(i * 960), TestPeer.OpusPacket(i));
            await listener.WaitHeardAsync(Math.Min(10, listener.Heard.Count));
            Assert.True(i < 1_000_000, "nothing was heard after the restart");
        }

        var gone = await node.RestartIceAsync(new SessionId(999_999), "ufrag", "password-of-22-characters");
        Assert.Equal(MediaRefusal.NoSuchSession, gone.Refusal);
    }

    [Fact]
    public async Task Media_and_handshakes_from_an_address_without_a_check_are_dropped_unanswered()
    {
        await using var node = Start();
        await using var peer = new TestPeer();
        await peer.ConnectAsync(node);
        using var stranger = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        byte[] clientHello = [22, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1];
        stranger.Send(clientHello, peer.Server!);
        stranger.Send(peer.Protect(1, 1, [1]), peer.Server!);
        stranger.Send([0x80, 200, 0, 6, 1, 2, 3, 4], peer.Server!);
        stranger.Send([0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], peer.Server!);
        stranger.Send([200, 1, 2], peer.Server!);
        await WaitDrops(node, drops => drops.GetValueOrDefault("ForeignSource") == 3 && drops.GetValueOrDefault("UnknownSession") == 1
            && drops.GetValueOrDefault("Malformed") == 1);
        Assert.Equal(0, stranger.Available);
    }

    [Fact]
    public async Task A_peer_whose_port_changes_stays_connected_whichever_loop_its_datagrams_reach()
    {
        await using var node = Start();
        await using var talker = new TestPeer();
        await using var listener = new TestPeer();
        await talker.ConnectAsync(node);
        await listener.ConnectAsync(node);
        await node.ListenAsync(listener.Session, 0, "fire");
        await node.OpenGateAsync(talker.Session, Grant());
        int said = 0;
        bool handedOver = false;
        for (int i = 0; i < 100 && !(handedOver && i > 8); i++)
        {
            if (i % 2 == 0) talker.Rebind();
            else listener.Rebind();
            int heard = listener.Heard.Count;
            using var limit = new CancellationTokenSource(Patience);
            while (listener.Heard.Count == heard)
            {
                Assert.False(limit.IsCancellationRequested, $"nothing heard after change {i}");
                talker.Say((ushort)said, (uint)(said * 960), TestPeer.OpusPacket(1));
                said++;
                await Task.Yield();
            }

            handedOver = node.Loops.Sum(loop => loop.Ports.Sum(port => port.HandedOver)) > 0;
        }

        Assert.True(handedOver, "a hundred changes of port never reached the other loop");
    }

    [Fact]
    public async Task Reports_name_each_stream_that_sent_and_what_the_peer_said()
    {
        await using var node = Start();
        await using var talker = new TestPeer();
        await using var listener = new TestPeer();
        await talker.ConnectAsync(node);
        await listener.ConnectAsync(node);
        await node.ListenAsync(listener.Session, 0, "fire");
        await node.OpenGateAsync(talker.Session, Grant());
        for (int i = 0; i < 10; i++)
        {
            if (i != 5) talker.Say((ushort)i, (uint)(i * 960), TestPeer.OpusPacket(i));
        }

        await listener.WaitHeardAsync(9);
        byte[] sent = await NextCompound(listener);
        Assert.True(SenderReport.TryParse(First(sent), out var sender));
        Assert.Equal((TestPeer.SlotSsrc(0), 9u, 36u), (sender.Ssrc, sender.PacketCount, sender.OctetCount));
        byte[] about = await NextCompound(talker);
        Assert.True(ReceiverReport.TryParse(First(about), out var blocks));
        Assert.Equal(1, blocks.Count);
        Assert.Equal((talker.TalkSsrc, 1, 9u), (blocks[0].Ssrc, blocks[0].CumulativeLost, blocks[0].HighestSequence & 0xFFFF));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Video_goes_out_under_the_sessions_own_numbers_and_lost_packets_again(bool rtx)
    {
        await using var node = Start();
        await using var viewer = new TestPeer { KeepsRawRtp = true };
        await viewer.ConnectAsync(node, slots: 0, video: true, rtx: rtx);
        await Next<SessionConnected>(node);
        var loop = node.Loops.Single(candidate => candidate.SessionCount == 1);
        var feed = new ScriptedFeed();
        await loop.Events.CallAsync(now => feed.Play((IVideoViewer)loop.Sessions()[0], now), 0);
        await viewer.WaitHeardAsync(10);
        var heard = viewer.Heard.ToArray();
        Assert.All(heard, packet => Assert.Equal((7_000u, TestPeer.VideoPayloadType), (packet.Ssrc, packet.PayloadType)));
        Assert.All(heard.Zip(heard.Skip(1)), pair => Assert.Equal((ushort)(pair.First.Sequence + 1), pair.Second.Sequence));
        byte[] compound = new byte[64];
        var writer = new CompoundWriter(compound);
        writer.AddReceiverReport(1, []);
        writer.AddNack(1, 7_000, heard[4].Sequence, 0);
        writer.AddPictureLoss(1, 7_000);
        viewer.SendRtcp(writer.Written);
        using var limit = new CancellationTokenSource(Patience);
        while (feed.KeyFramesWanted == 0 || viewer.RawRtp.Count < 11) Assert.False(limit.IsCancellationRequested, "no answer to the report");
        if (rtx)
        {
            await viewer.WaitHeardAsync(11);
            var again = viewer.Heard.Last();
            Assert.Equal((7_001u, (byte)103), (again.Ssrc, again.PayloadType));
            Assert.Equal([(byte)(heard[4].Sequence >> 8), (byte)heard[4].Sequence, .. heard[4].Payload], again.Payload);
        }
        else
        {
            Assert.Equal(viewer.RawRtp.ElementAt(4), viewer.RawRtp.Last());
        }

        await node.CloseSessionAsync(viewer.Session);
        Assert.True(feed.IsGone);
    }

    private static MediaNode Start()
    {
        var node = new MediaNode(Options, NullLoggerFactory.Instance);
        node.Start();
        return node;
    }

    private static TalkGrant Grant() => new() { ChannelId = "fire", Burst = new BurstId(1), Epoch = 1, LeaseMs = 60_000 };

    private static async Task<T> Next<T>(MediaNode node)
        where T : MediaEvent
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            if (await node.Events.ReadAsync(limit.Token) is T found) return found;
        }
    }

    private static async Task WaitDrops(MediaNode node, Func<IReadOnlyDictionary<string, long>, bool> reached)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            var drops = (await node.SnapshotAsync()).Drops;
            if (reached(drops)) return;
            Assert.False(limit.IsCancellationRequested, string.Join(", ", drops));
        }
    }

    private static async Task<byte[]> NextCompound(TestPeer peer)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            if (peer.Reports.TryDequeue(out byte[]? compound)) return compound;
            Assert.False(limit.IsCancellationRequested, "no report came");
            await Task.Yield();
        }
    }

    private static RtcpPacketView First(byte[] compound)
    {
        var reader = new CompoundReader(compound);
        Assert.True(reader.TryRead(out var packet));
        return packet;
    }

    /// <summary>A feed of ten packets that remembers what it sent.</summary>
    private sealed class ScriptedFeed : IVideoFeed
    {
        private readonly Dictionary<ushort, byte[]> _sent = [];
        private int _keyFramesWanted;

        public int KeyFramesWanted => Volatile.Read(ref _keyFramesWanted);

        public bool IsGone { get; private set; }

        public int Play(IVideoViewer viewer, Instant now)
        {
            viewer.Feed = this;
            for (byte i = 0; i < 10; i++)
            {
                byte[] payload = [i, 1, 2, 3];
                _sent[(ushort)viewer.SendVideo(payload, i == 9, 90_000, now)] = payload;
            }

            return _sent.Count;
        }

        public void OnKeyFrameWanted(IVideoViewer viewer, Instant now) => Volatile.Write(ref _keyFramesWanted, _keyFramesWanted + 1);

        public void OnPacketMissed(IVideoViewer viewer, ushort sequenceNumber, Instant now) =>
            Assert.True(viewer.ResendVideo(sequenceNumber, _sent[sequenceNumber], _sent[sequenceNumber][0] == 9, 90_000, now));

        public void OnViewerGone(IVideoViewer viewer, Instant now) => IsGone = true;
    }
}
