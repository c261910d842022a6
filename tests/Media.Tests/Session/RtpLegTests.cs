using System.Buffers.Binary;
using System.Net;
using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Media.Session;
using Comms.Media.Wire.TelephoneEvent;
using Xunit;

namespace Comms.Media.Tests.Session;

public class RtpLegTests
{
    private const byte Pcma = 8;
    private const byte Keys = 101;

    private static readonly TransportAddress Phone = Address("192.0.2.7", 4_000);
    private static readonly TransportAddress Stranger = Address("198.51.100.9", 4_000);

    private static readonly RtpLegParameters Parameters = new()
    {
        Codec = RtpLegCodec.Pcma,
        Remote = new IPEndPoint(IPAddress.Parse("192.0.2.7"), 4_000),
        TelephoneEventPayloadType = Keys,
        LocalAddress = IPAddress.Loopback,
    };

    private Instant _now = new(5_000_000_000);

    [Fact]
    public void Speech_from_the_announced_address_is_taken()
    {
        RtpLeg leg = Leg();
        Assert.True(leg.HandleDatagram(Packet(Pcma, 1, 160, marker: true), Phone, _now, out RtpLegFrame frame));
        Assert.Equal(160, frame.Payload.Length);
        Assert.Equal(160u, frame.Timestamp);
        Assert.Equal(0x1234u, frame.Ssrc);
        Assert.Equal(_now, frame.Captured);
        Assert.True(frame.Marker);
    }

    [Fact]
    public void A_stranger_is_refused_before_and_after_the_phone_has_spoken()
    {
        RtpLeg leg = Leg();
        AssertDropped(leg, Packet(Pcma, 1), Stranger, DropReason.ForeignSource);
        AssertDropped(leg, Packet(Pcma, 1), Phone with { Port = 4_002 }, DropReason.ForeignSource);
        Assert.True(leg.HandleDatagram(Packet(Pcma, 1), Phone, _now, out _));
        AssertDropped(leg, Packet(Pcma, 2), Stranger, DropReason.ForeignSource);
        Assert.Equal(3, leg.Drops[DropReason.ForeignSource]);
    }

    [Fact]
    public void Behind_a_translator_the_first_plausible_source_is_latched_and_no_third_party_takes_it()
    {
        RtpLeg leg = LegBehindTranslator();
        var translated = Address("203.0.113.5", 61_000);
        AssertDropped(leg, Packet(0, 1), Stranger, DropReason.UnknownPayloadType);
        AssertDropped(leg, Packet(Pcma, 1, payloadBytes: 5), Stranger, DropReason.Malformed);
        Assert.True(leg.HandleDatagram(Packet(Pcma, 1), translated, _now, out _));
        AssertDropped(leg, Packet(Pcma, 2), Stranger, DropReason.ForeignSource);
        AssertDropped(leg, Packet(Pcma, 2), Phone, DropReason.ForeignSource);
        Assert.Equal(translated, SendOne(leg, true).Destination);
    }

    [Fact]
    public void A_re_invite_opens_the_latch_again()
    {
        RtpLeg leg = LegBehindTranslator();
        Assert.True(leg.HandleDatagram(Packet(Pcma, 1), Address("203.0.113.5", 61_000), _now, out _));
        leg.Update(Parameters with { Remote = new IPEndPoint(IPAddress.Parse("198.51.100.9"), 4_000) }, _now);
        AssertDropped(leg, Packet(Pcma, 2), Address("203.0.113.5", 61_000), DropReason.ForeignSource);
        Assert.True(leg.HandleDatagram(Packet(Pcma, 2), Stranger, _now, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("80080001000000A000001234")]
    [InlineData("400800010000")]
    [InlineData("8F0800010000000000001234FF")]
    [InlineData("900800010000000000001234BEDE0009FF")]
    [InlineData("A00800010000000000001234FF00")]
    [InlineData("A00800010000000000001234FF20")]
    public void Malformed_datagrams_yield_nothing(string hex) =>
        Assert.False(Leg().HandleDatagram(Convert.FromHexString(hex), Phone, _now, out _));

    [Fact]
    public void Extension_contributors_and_padding_are_no_speech()
    {
        byte[] datagram = [0xB1, Pcma, 0, 1, 0, 0, 0, 160, 0, 0, 0x12, 0x34, 9, 9, 9, 9, 0xBE, 0xDE, 0, 1, 1, 2, 3, 4, .. new byte[160], 0, 0, 3];
        RtpLeg leg = Leg();
        Assert.True(leg.HandleDatagram(datagram, Phone, _now, out RtpLegFrame frame));
        Assert.Equal(160, frame.Payload.Length);
    }

    [Fact]
    public void Keys_come_out_once_whatever_is_repeated()
    {
        RtpLeg leg = Leg();
        for (int copy = 0; copy < 3; copy++) Assert.False(leg.HandleDatagram(Key(10, 800, false), Phone, _now, out _));
        for (int copy = 0; copy < 3; copy++) Assert.False(leg.HandleDatagram(Key(10, 800, true), Phone, _now, out _));
        Assert.Equal(["10 down", "10 up"], PollKeys(leg));
    }

    [Fact]
    public void A_held_key_is_released_when_the_leg_falls_silent()
    {
        RtpLeg leg = Leg();
        Drain(leg);
        leg.HandleDatagram(Key(10, 800, false), Phone, _now, out _);
        Assert.Equal(["10 down"], PollKeys(leg));
        _now = leg.NextDeadline;
        leg.HandleTimeout(_now);
        Assert.Equal(["10 up"], PollKeys(leg));
    }

    [Fact]
    public void On_hold_nothing_is_taken_and_nothing_sent()
    {
        RtpLeg leg = Leg();
        leg.Update(Parameters with { MaySend = false, MayReceive = false }, _now);
        AssertDropped(leg, Packet(Pcma, 1), Phone, DropReason.Direction);
        Assert.False(leg.Send(new byte[160], 0, true, _now));
        Assert.Equal(2, leg.Drops[DropReason.Direction]);
    }

    [Fact]
    public void A_burst_is_sent_with_one_marker_and_contiguous_numbers()
    {
        RtpLeg leg = Leg();
        Drain(leg);
        Sent first = SendOne(leg, true);
        Sent second = SendOne(leg, false, 160);
        Assert.Equal((Phone, Pcma, true, 160), (first.Destination, first.PayloadType, first.Marker, first.Payload));
        Assert.False(second.Marker);
        Assert.Equal((ushort)(first.Sequence + 1), second.Sequence);
        Assert.Equal(first.Timestamp + 160, second.Timestamp);
        Assert.Equal(0xAAAAu, second.Ssrc);
    }

    [Fact]
    public void Silence_between_bursts_advances_the_timestamp_by_the_elapsed_time()
    {
        RtpLeg leg = Leg();
        Drain(leg);
        Sent first = SendOne(leg, true);
        _now = _now.AddMs(3_000);
        // Another talker, whose timestamps have nothing to do with the first one's.
        Sent second = SendOne(leg, true, 900_000_000);
        Assert.True(second.Marker);
        Assert.Equal((ushort)(first.Sequence + 1), second.Sequence);
        Assert.Equal(first.Timestamp + (3_000 + 20) * 8, second.Timestamp);
    }

    [Fact]
    public void A_gap_inside_a_burst_is_kept_as_a_gap()
    {
        RtpLeg leg = Leg();
        Drain(leg);
        Sent first = SendOne(leg, true);
        Sent second = SendOne(leg, false, 480);
        Assert.False(second.Marker);
        Assert.Equal(first.Timestamp + 480, second.Timestamp);
    }

    [Theory]
    [InlineData(10, 12, 80)]
    [InlineData(20, 6, 160)]
    [InlineData(30, 4, 240)]
    [InlineData(60, 2, 480)]
    public void Packets_have_the_negotiated_duration(int ptimeMs, int packets, int bytes)
    {
        var leg = new RtpLeg(Parameters with { PtimeMs = ptimeMs }, new RtpLegIdentity(0xAAAA, 0xFFFE, 0xFFFF_FF00), new RtpLegSettings(), _now);
        Drain(leg);
        var sent = new List<Sent>();
        for (uint frame = 0; frame < 6; frame++)
        {
            leg.Send(new byte[160], frame * 160, frame == 0, _now);
            _now = _now.AddMs(20);
            sent.AddRange(Drain(leg));
        }

        Assert.Equal(packets, sent.Count);
        Assert.All(sent, packet => Assert.Equal(bytes, packet.Payload));
        for (int i = 1; i < sent.Count; i++) Assert.Equal(sent[i - 1].Timestamp + (uint)bytes, sent[i].Timestamp);
    }

    [Fact]
    public void What_a_burst_leaves_in_an_unfilled_packet_is_sent()
    {
        var leg = new RtpLeg(Parameters with { PtimeMs = 60 }, new RtpLegIdentity(1, 1, 1), new RtpLegSettings(), _now);
        Drain(leg);
        leg.Send(new byte[160], 0, true, _now);
        Assert.Empty(Drain(leg));
        _now = leg.NextDeadline;
        leg.HandleTimeout(_now);
        Assert.Equal(160, Assert.Single(Drain(leg)).Payload);
    }

    [Fact]
    public void A_silent_leg_keeps_its_way_open()
    {
        RtpLeg leg = Leg();
        Sent first = Assert.Single(Drain(leg));
        Assert.Equal(160, first.Payload);
        Instant start = _now;
        leg.HandleDatagram(Packet(Pcma, 1), Phone, _now, out _);
        _now = NextSend(leg, out Sent second);
        Assert.Equal(15_000, _now.MsSince(start));
        Assert.Equal(first.Timestamp + 15_000 * 8, second.Timestamp);
        Assert.Equal((ushort)(first.Sequence + 1), second.Sequence);
    }

    [Fact]
    public void A_leg_without_its_peer_is_inactive_after_a_minute()
    {
        RtpLeg leg = Leg();
        Instant start = _now;
        while (!leg.IsInactive)
        {
            _now = leg.NextDeadline;
            leg.HandleTimeout(_now);
            Drain(leg);
        }

        Assert.Equal(60_000, _now.MsSince(start));
    }

    [Fact]
    public void A_blocked_socket_keeps_packets_waiting_and_the_oldest_are_given_up()
    {
        RtpLeg leg = Leg();
        Drain(leg);
        for (uint frame = 0; frame < 20; frame++)
        {
            leg.Send(new byte[160], frame * 160, frame == 0, _now);
            Assert.False(leg.TryPollTransmit([], out _));
        }

        Assert.Equal(15, DrainOnly(leg).Count);
        Assert.Equal(5, leg.Drops[DropReason.BufferFull]);
    }

    [Fact]
    public void No_packet_allocates()
    {
        RtpLeg leg = Leg();
        byte[] speech = Packet(Pcma, 1);
        byte[] key = Key(5, 400, true);
        byte[] codes = new byte[160];
        byte[] buffer = new byte[RtpLeg.MaxDatagramBytes];
        long before = 0;
        for (uint i = 0; i < 2_000; i++)
        {
            if (i == 500) before = GC.GetAllocatedBytesForCurrentThread();
            _now = _now.AddMs(20);
            leg.HandleDatagram(speech, Phone, _now, out _);
            leg.HandleDatagram(key, Phone, _now, out _);
            leg.HandleDatagram(speech, Stranger, _now, out _);
            leg.Send(codes, i * 160, i % 50 == 0, _now);
            if (_now >= leg.NextDeadline) leg.HandleTimeout(_now);
            while (leg.TryPollTransmit(buffer, out _)) { }
            while (leg.TryPollKey(out _)) { }
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private RtpLeg Leg() => new(Parameters, new RtpLegIdentity(0xAAAA, 65_534, 4_294_967_000), new RtpLegSettings(), _now);

    private RtpLeg LegBehindTranslator()
    {
        RtpLeg leg = Leg();
        leg.Update(Parameters with { SignalingAddress = IPAddress.Parse("203.0.113.5") }, _now);
        return leg;
    }

    private Sent SendOne(RtpLeg leg, bool marker, uint timestamp = 0)
    {
        leg.Send(new byte[160], timestamp, marker, _now);
        _now = _now.AddMs(20);
        return Drain(leg)[^1];
    }

    private static Instant NextSend(RtpLeg leg, out Sent sent)
    {
        while (true)
        {
            Instant now = leg.NextDeadline;
            leg.HandleTimeout(now);
            foreach (Sent packet in DrainOnly(leg))
            {
                sent = packet;
                return now;
            }
        }
    }

    private List<Sent> Drain(RtpLeg leg)
    {
        if (_now >= leg.NextDeadline) leg.HandleTimeout(_now);
        return DrainOnly(leg);
    }

    private static List<Sent> DrainOnly(RtpLeg leg)
    {
        var sent = new List<Sent>();
        byte[] buffer = new byte[RtpLeg.MaxDatagramBytes];
        while (leg.TryPollTransmit(buffer, out RtpLegTransmit transmit))
        {
            if (!transmit.FromRtcpSocket) sent.Add(Sent.Read(buffer.AsSpan(0, transmit.Bytes), transmit.Destination));
        }

        return sent;
    }

    private static void AssertDropped(RtpLeg leg, byte[] datagram, TransportAddress source, DropReason reason)
    {
        long before = leg.Drops[reason];
        Assert.False(leg.HandleDatagram(datagram, source, new Instant(5_000_000_000), out _));
        Assert.Equal(before + 1, leg.Drops[reason]);
    }

    private static List<string> PollKeys(RtpLeg leg)
    {
        var keys = new List<string>();
        while (leg.TryPollKey(out TelephoneKey key)) keys.Add($"{key.Code} {(key.IsDown ? "down" : "up")}");
        return keys;
    }

    private static byte[] Key(byte code, uint timestamp, bool end)
    {
        byte[] packet = Packet(Keys, 9, timestamp, payloadBytes: 4);
        (packet[12], packet[13], packet[15]) = (code, (byte)(end ? 0x8A : 0x0A), 160);
        return packet;
    }

    private static byte[] Packet(byte payloadType, ushort sequence, uint timestamp = 0, bool marker = false, int payloadBytes = 160)
    {
        byte[] packet = new byte[12 + payloadBytes];
        packet[0] = 0x80;
        packet[1] = (byte)(payloadType | (marker ? 0x80 : 0));
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), sequence);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), timestamp);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), 0x1234);
        return packet;
    }

    private static TransportAddress Address(string address, int port) => TransportAddress.From(new IPEndPoint(IPAddress.Parse(address), port));

    private sealed record Sent(
        TransportAddress Destination, byte PayloadType, bool Marker, ushort Sequence, uint Timestamp, uint Ssrc, int Payload)
    {
        public static Sent Read(ReadOnlySpan<byte> packet, TransportAddress destination) => new(
            destination,
            (byte)(packet[1] & 0x7F),
            (packet[1] & 0x80) != 0,
            BinaryPrimitives.ReadUInt16BigEndian(packet[2..]),
            BinaryPrimitives.ReadUInt32BigEndian(packet[4..]),
            BinaryPrimitives.ReadUInt32BigEndian(packet[8..]),
            packet.Length - 12);
    }
}
