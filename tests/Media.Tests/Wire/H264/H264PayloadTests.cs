using Comms.Media.Wire.H264;
using Comms.Support;
using Xunit;

namespace Comms.Media.Tests.Wire.H264;

public sealed class H264PayloadTests
{
    private static readonly byte[] Sps = Convert.FromHexString("6742c01ed900a02ff93011000003000100000300320f162e48");
    private static readonly byte[] Pps = Convert.FromHexString("68cb83cb20");

    private readonly RecordingAccessUnitSink _sink = new();
    private ushort _sequence = 65530;

    [Theory]
    [InlineData(2)]
    [InlineData(1149)]
    [InlineData(1150)]
    [InlineData(1151)]
    [InlineData(2297)]
    [InlineData(60_000)]
    [InlineData(700_000)]
    public void A_picture_survives_packetising_and_depacketising(int sliceBytes)
    {
        var depacketizer = new H264Depacketizer(_sink);
        Send(depacketizer, Packets(Key(sliceBytes, 9000)), 9000);

        var unit = Assert.Single(_sink.Units);
        Assert.True(unit.IsKeyFrame);
        Assert.Equal([Sps, Pps, Slice(5, sliceBytes)], unit.NalUnits);
    }

    [Fact]
    public void Payloads_never_exceed_the_limit_and_fragments_are_even()
    {
        var packets = Packets(Key(10_000, 0));
        Assert.All(packets, packet => Assert.InRange(packet.Length, 1, H264Packetizer.MaxPayloadBytes));
        Assert.True(packets.Skip(1).Max(packet => packet.Length) - packets.Skip(1).Min(packet => packet.Length) < 12);
    }

    [Fact]
    public void Parameter_sets_known_from_sdp_precede_a_key_frame_that_lacks_them()
    {
        var sets = new ParameterSets();
        sets.KeepSprop($"{Convert.ToBase64String(Sps)},{Convert.ToBase64String(Pps)}");
        Assert.True(sets.IsComplete);
        var depacketizer = new H264Depacketizer(_sink);

        Send(depacketizer, Packets([Slice(5, 3000)], true, sets), 0);

        Assert.Equal([Sps, Pps, Slice(5, 3000)], Assert.Single(_sink.Units).NalUnits);
    }

    [Fact]
    public void Delimiters_and_filler_are_left_out()
    {
        var depacketizer = new H264Depacketizer(_sink);
        Send(depacketizer, Packets([[9, 0x10], Sps, Pps, Slice(5, 20), [12, 0xFF, 0x80]], true, Kept()), 0);
        Assert.Equal([Sps, Pps, Slice(5, 20)], Assert.Single(_sink.Units).NalUnits);
    }

    [Fact]
    public void A_lost_packet_drops_pictures_up_to_the_next_key_frame()
    {
        var depacketizer = new H264Depacketizer(_sink);
        Send(depacketizer, Packets(Key(5000, 0)), 0);
        var damaged = Packets([Slice(1, 5000)], false, Kept());
        damaged.RemoveAt(2);
        Send(depacketizer, damaged, 3600, skipAt: 2);
        Send(depacketizer, Packets([Slice(1, 500)], false, Kept()), 7200);
        Assert.True(depacketizer.AwaitsKeyFrame);
        Send(depacketizer, Packets(Key(5000, 10_800)), 10_800);

        Assert.Equal([0u, 10_800u], _sink.Units.Select(unit => unit.Timestamp));
        Assert.Equal(1, depacketizer.LostPackets);
        Assert.Equal(2, depacketizer.DroppedAccessUnits);
    }

    [Fact]
    public void A_picture_without_marker_ends_where_the_timestamp_changes()
    {
        var depacketizer = new H264Depacketizer(_sink);
        Send(depacketizer, Packets(Key(900, 0)), 0, withMarker: false);
        Assert.Empty(_sink.Units);
        Send(depacketizer, Packets([Slice(1, 100)], false, Kept()), 3600, withMarker: false);
        Assert.Single(_sink.Units);
    }

    [Fact]
    public void A_picture_that_lost_its_last_packet_is_dropped_when_the_next_begins()
    {
        var depacketizer = new H264Depacketizer(_sink);
        Send(depacketizer, Packets(Key(5000, 0)), 0);
        var cut = Packets([Slice(1, 5000)], false, Kept());
        cut.RemoveAt(cut.Count - 1);
        Send(depacketizer, cut, 3600, withMarker: false);
        _sequence++;
        Send(depacketizer, Packets(Key(5000, 7200)), 7200);
        Assert.Equal([0u], _sink.Units.Select(unit => unit.Timestamp));
    }

    [Fact]
    public void Units_joined_by_start_codes_are_split()
    {
        byte[] joined = [.. Sps, 0, 0, 0, 1, .. Pps, 0, 0, 1, .. Slice(5, 300)];
        var depacketizer = new H264Depacketizer(_sink);
        depacketizer.Handle(joined, 1, 0, marker: true);
        Assert.Equal([Sps, Pps, Slice(5, 300)], Assert.Single(_sink.Units).NalUnits);
    }

    [Fact]
    public void A_stream_without_end_of_picture_is_bounded()
    {
        var depacketizer = new H264Depacketizer(_sink, maxAccessUnitBytes: 100_000);
        byte[] start = [0x7C, 0x85, .. new byte[1000]];
        byte[] middle = [0x7C, 0x05, .. new byte[1000]];
        depacketizer.Handle(start, 0, 0, false);
        for (ushort i = 1; i < 1000; i++)
        {
            depacketizer.Handle(middle, i, 0, false);
        }

        Assert.True(depacketizer.MalformedPackets > 800);
        depacketizer.Handle(middle, 1000, 0, true);
        Assert.Empty(_sink.Units);
    }

    [Fact]
    public void A_recovery_point_counts_as_a_key_frame()
    {
        var depacketizer = new H264Depacketizer(_sink);
        Send(depacketizer, Packets([Sps, Pps, [6, 6, 1, 0x84, 0x80], Slice(1, 100)], false, Kept()), 0);
        Assert.True(Assert.Single(_sink.Units).IsKeyFrame);
    }

    [Theory]
    [InlineData("419a246c", false)]
    [InlineData("019e426c", true)]
    public void Bidirectional_slices_are_recognised(string hex, bool isB)
    {
        // x264: first_mb_in_slice 0, slice_type 5 (P) and 6 (B).
        Assert.Equal(isB, NalUnit.IsBSlice(Convert.FromHexString(hex)));
    }

    [Fact]
    public void Mutated_payloads_never_throw_and_never_allocate()
    {
        var corpus = Packets(Key(3000, 0)).Concat(Packets([Sps, Pps, [6, 6, 1, 0x84, 0x80], Slice(1, 100)], false, Kept())).ToArray();
        var counting = new CountingSink();
        var depacketizer = new H264Depacketizer(counting, 65_536);
        var sets = Kept();
        var payload = new byte[H264Packetizer.MaxPayloadBytes];
        var smallest = int.MaxValue;
        counting.Then = (in AccessUnit unit) =>
        {
            for (var packetizer = new H264Packetizer(unit, sets); packetizer.HasMore;)
            {
                smallest = Math.Min(smallest, packetizer.WriteNext(payload));
            }
        };
        ushort sequence = 0;
        for (byte[] part = [0x7C, 0x05, .. new byte[1000]]; sequence < 70; sequence++)
        {
            // Rents memory of every size once, so that only growth is left to be counted.
            part[1] = (byte)(sequence == 0 ? 0x85 : 0x05);
            depacketizer.Handle(part, sequence, 0, false);
        }

        uint random = 1;
        Fuzz.Run(
            corpus,
            7102,
            input =>
            {
                random = random * 1664525 + 1013904223;
                sequence += (ushort)(random >> 28 == 0 ? 2 : 1);
                depacketizer.Handle(input, sequence, random >> 30 << 8, (random & 0x10000) != 0);
            },
            allocationFree: true);
        Assert.True(counting.Count > 0 && smallest > 0);
    }

    private static byte[] Slice(int type, int size)
    {
        var slice = new byte[size];
        for (var i = 1; i < size; i++)
        {
            slice[i] = (byte)(1 + i * 7 % 251);
        }

        slice[0] = (byte)(0x60 | type);
        return slice;
    }

    private static (byte[][] NalUnits, bool IsKey) Key(int sliceBytes, uint _) => ([Sps, Pps, Slice(5, sliceBytes)], true);

    private static ParameterSets Kept()
    {
        var sets = new ParameterSets();
        Assert.True(sets.TryKeep(Sps) && sets.TryKeep(Pps));
        return sets;
    }

    private static List<byte[]> Packets((byte[][] NalUnits, bool IsKey) unit) => Packets(unit.NalUnits, unit.IsKey, Kept());

    private static List<byte[]> Packets(byte[][] nalUnits, bool isKey, ParameterSets sets)
    {
        var ranges = new NalRange[nalUnits.Length];
        var at = 0;
        for (var i = 0; i < nalUnits.Length; i++)
        {
            ranges[i] = new NalRange(at, nalUnits[i].Length);
            at += nalUnits[i].Length;
        }

        var packets = new List<byte[]>();
        var payload = new byte[H264Packetizer.MaxPayloadBytes];
        var bytes = nalUnits.SelectMany(static nalUnit => nalUnit).ToArray();
        for (var packetizer = new H264Packetizer(new AccessUnit(bytes, ranges, 0, isKey), sets); packetizer.HasMore;)
        {
            var length = packetizer.WriteNext(payload);
            packets.Add(payload[..length]);
        }

        return packets;
    }

    private void Send(H264Depacketizer depacketizer, List<byte[]> packets, uint timestamp, int skipAt = -1, bool withMarker = true)
    {
        for (var i = 0; i < packets.Count; i++)
        {
            _sequence += (ushort)(i == skipAt ? 2 : 1);
            depacketizer.Handle(packets[i], _sequence, timestamp, withMarker && i == packets.Count - 1);
        }
    }

    private delegate void UnitHandler(in AccessUnit unit);

    private sealed class CountingSink : IAccessUnitSink
    {
        public int Count { get; private set; }

        public UnitHandler? Then { get; set; }

        public void HandleAccessUnit(in AccessUnit unit)
        {
            Count++;
            Then?.Invoke(unit);
        }
    }
}
