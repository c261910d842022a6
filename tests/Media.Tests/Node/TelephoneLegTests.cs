using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Comms.Media.Audio;
using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Media.Wire.Rtp;
using Comms.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Comms.Media.Tests.Node;

/// <summary>Plain-RTP legs and browsers in one channel, over real sockets and in real time.</summary>
public sealed class TelephoneLegTests
{
    private const int FrameSamples = 160;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);


    [Theory]
    [InlineData(RtpLegCodec.Pcma)]
    [InlineData(RtpLegCodec.Pcmu)]
    public async Task A_telephone_hears_a_browser_and_not_itself(RtpLegCodec codec)
    {
        await using var node = Start();
        await using var browser = new TestPeer();
        await browser.ConnectAsync(node);
        using var phone = await Phone.OpenAsync(node, codec);
        Assert.True(await node.ListenAsync(phone.Session, 0, "fire"));
        Assert.True(await node.OpenGateAsync(browser.Session, Grant(1)));
        using var encoder = new OpusEncoder(8_000, 24_000);
        byte[] packet = new byte[1_276];
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var limit = new CancellationTokenSource(Patience);
        for (int i = 0; phone.LoudPackets < 25; i++)
        {
            int bytes = encoder.Encode(Tone(i), packet);
            browser.Say((ushort)i, (uint)(i * 960), packet.AsSpan(0, bytes));
            await pace.WaitForNextTickAsync(limit.Token);
            phone.Receive();
        }

        Assert.Equal(codec == RtpLegCodec.Pcma ? 8 : 0, phone.PayloadType);
        Assert.True(await node.CloseGateAsync(browser.Session));
        Assert.True(await node.OpenGateAsync(phone.Session, Grant(2)));
        phone.Clear();
        for (int i = 0; i < 50; i++)
        {
            phone.Send(i, Tone(i));
            await pace.WaitForNextTickAsync(limit.Token);
            phone.Receive();
        }

        // What the browser said last may still be played out; the phone's own voice must not come back.
        Assert.InRange(phone.LoudPackets, 0, 15);
    }

    [Theory]
    [InlineData(RtpLegCodec.Pcma)]
    [InlineData(RtpLegCodec.Pcmu)]
    public async Task Browsers_on_both_loops_and_another_telephone_hear_a_telephone(RtpLegCodec codec)
    {
        await using var node = Start();
        await using var first = new TestPeer();
        await using var second = new TestPeer();
        await first.ConnectAsync(node, slots: 2);
        await second.ConnectAsync(node);
        using var talking = await Phone.OpenAsync(node, codec);
        using var listening = await Phone.OpenAsync(node, RtpLegCodec.Pcmu);
        Assert.True(await node.ListenAsync(first.Session, 1, "fire"));
        Assert.True(await node.ListenAsync(second.Session, 0, "fire"));
        Assert.True(await node.ListenAsync(listening.Session, 0, "fire"));
        Assert.True(await node.OpenGateAsync(talking.Session, Grant(1)));
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var limit = new CancellationTokenSource(Patience);
        for (int i = 0; first.Heard.Count < 40 || second.Heard.Count < 40 || listening.LoudPackets < 25; i++)
        {
            talking.Send(i, Tone(i));
            await pace.WaitForNextTickAsync(limit.Token);
            listening.Receive();
        }

        Assert.All(first.Heard, packet => Assert.Equal(TestPeer.SlotSsrc(1), packet.Ssrc));
        var heard = second.Heard.ToArray();
        Assert.All(heard.Zip(heard.Skip(1)), pair => Assert.Equal((ushort)(pair.First.Sequence + 1), pair.Second.Sequence));
        using var decoder = new OpusDecoder(8_000);
        short[] pcm = new short[960];
        double loudest = heard.Max(packet => Loudness(pcm.AsSpan(0, Math.Max(0, decoder.Decode(packet.Payload, pcm)))));
        Assert.InRange(loudest, 2_000, 12_000);
    }

    [Fact]
    public async Task A_third_party_cannot_speak_into_a_leg_and_its_keys_are_told()
    {
        await using var node = Start();
        await using var browser = new TestPeer();
        await browser.ConnectAsync(node);
        using var phone = await Phone.OpenAsync(node, RtpLegCodec.Pcma);
        Assert.True(await node.ListenAsync(browser.Session, 0, "fire"));
        Assert.True(await node.OpenGateAsync(phone.Session, Grant(1)));
        using var foreign = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        for (int i = 0; i < 20; i++) foreign.Send(phone.Packet(i, Tone(i)), phone.Transport.Rtp);
        for (int i = 0; i < 5; i++) phone.SendKey(10, i);
        using var limit = new CancellationTokenSource(Patience);
        while (await node.Events.ReadAsync(limit.Token) is not DigitPressed { Code: 10 } pressed || pressed.Session != phone.Session) continue;
        Assert.Empty(browser.Heard);
        Assert.True(await node.CloseSessionAsync(phone.Session));
        while (await node.Events.ReadAsync(limit.Token) is not SessionEnded ended || ended.Session != phone.Session) continue;
    }

    [Fact]
    public async Task A_leg_is_refused_when_every_port_of_the_range_is_taken()
    {
        await using var node = Start(ports: 4);
        using var first = await Phone.OpenAsync(node, RtpLegCodec.Pcma);
        using var second = await Phone.OpenAsync(node, RtpLegCodec.Pcma);
        var refused = await node.OpenRtpLegAsync(Phone.Parameters(RtpLegCodec.Pcma, 9));
        Assert.Equal(MediaRefusal.NoPort, refused.Refusal);
        Assert.True(await node.CloseSessionAsync(first.Session));
        using var third = await Phone.OpenAsync(node, RtpLegCodec.Pcma);
        Assert.Equal(first.Transport.Rtp, third.Transport.Rtp);
    }

    private static MediaNode Start(int ports = 16)
    {
        int first = FreePorts.UdpRange(ports);
        var options = new MediaOptions
        {
            MediaPort = 0, Loops = 2, BindAddresses = "127.0.0.1", RtpPortMin = first, RtpPortMax = first + ports - 1,
        };
        var node = new MediaNode(options, NullLoggerFactory.Instance);
        node.Start();
        return node;
    }

    private static TalkGrant Grant(long epoch) => new() { ChannelId = "fire", Burst = new BurstId(epoch), Epoch = epoch, LeaseMs = 60_000 };

    private static short[] Tone(int frame) =>
        [.. Enumerable.Range(frame * FrameSamples, FrameSamples).Select(sample => (short)(10_000 * Math.Sin(sample * 2 * Math.PI * 440 / 8_000)))];

    private static double Loudness(ReadOnlySpan<short> pcm)
    {
        double sum = 0;
        foreach (short sample in pcm) sum += (double)sample * sample;
        return Math.Sqrt(sum / Math.Max(1, pcm.Length));
    }

    private sealed class Phone : IDisposable
    {
        private readonly UdpClient _socket = new(new IPEndPoint(IPAddress.Loopback, 0));
        private RtpLegCodec _codec;

        public RtpLegTransport Transport { get; private set; } = null!;

        public SessionId Session => Transport.Session;

        public int LoudPackets { get; private set; }

        public int PayloadType { get; private set; } = -1;

        private G711Law Law => _codec == RtpLegCodec.Pcma ? G711Law.ALaw : G711Law.MuLaw;

        public static RtpLegParameters Parameters(RtpLegCodec codec, int port) => new()
        {
            Codec = codec,
            Remote = new IPEndPoint(IPAddress.Loopback, port),
            LocalAddress = IPAddress.Loopback,
            TelephoneEventPayloadType = 101,
        };

        public static async Task<Phone> OpenAsync(MediaNode node, RtpLegCodec codec)
        {
            var phone = new Phone { _codec = codec };
            var opened = await node.OpenRtpLegAsync(Parameters(codec, ((IPEndPoint)phone._socket.Client.LocalEndPoint!).Port));
            Assert.Equal(MediaRefusal.None, opened.Refusal);
            phone.Transport = opened.Value!;
            return phone;
        }

        public byte[] Packet(int number, short[] pcm)
        {
            byte[] packet = new byte[RtpHeader.Bytes + pcm.Length];
            new RtpHeader(_codec == RtpLegCodec.Pcma ? (byte)8 : (byte)0, number == 0, (ushort)number, (uint)(number * FrameSamples), 77).Write(packet);
            G711.Encode(Law, pcm, packet.AsSpan(RtpHeader.Bytes));
            return packet;
        }

        public void Send(int number, short[] pcm) => _socket.Send(Packet(number, pcm), Transport.Rtp);

        public void SendKey(byte code, int number)
        {
            byte[] packet = new byte[RtpHeader.Bytes + 4];
            new RtpHeader(101, number == 0, (ushort)number, 5_000, 77).Write(packet);
            packet[RtpHeader.Bytes] = code;
            packet[RtpHeader.Bytes + 1] = 10;
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(RtpHeader.Bytes + 2), (ushort)(160 * (number + 1)));
            _socket.Send(packet, Transport.Rtp);
        }

        public void Receive()
        {
            var from = new IPEndPoint(IPAddress.Any, 0);
            while (_socket.Available > 0)
            {
                byte[] datagram = _socket.Receive(ref from);
                if (!RtpPacketView.TryParse(datagram, out var packet) || packet.PayloadType > 8) continue;
                short[] pcm = new short[packet.Payload.Length];
                G711.Decode(Law, packet.Payload, pcm);
                if (Loudness(pcm) < 1_000) continue;
                LoudPackets++;
                PayloadType = packet.PayloadType;
            }
        }

        public void Clear()
        {
            Receive();
            LoudPackets = 0;
        }

        public void Dispose() => _socket.Dispose();
    }
}
