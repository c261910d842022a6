using Comms.Media.Tests.Wire.H264;
using Comms.Media.Wire.H264;
using Comms.Media.Wire.H265;
using Comms.Support;
using Xunit;

namespace Comms.Media.Tests.Wire.H265;

public sealed class H265PayloadTests
{
    /// <summary>Written by x265 for 320x240 without and 1920x1080 with B-frames.</summary>
    private static readonly byte[] Vps = Convert.FromHexString("40010c01ffff01600000030090000003000003003cba0240");
    private static readonly byte[] Sps = Convert.FromHexString("42010101600000030090000003000003003ca00a080f165ba4a4c2f0168080000003008000000504");
    private static readonly byte[] ReorderedSps = Convert.FromHexString("420101016000000300900000030000030078a003c0801107cb965654a4c2f0168080000003008000000504");
    private static readonly byte[] Pps = Convert.FromHexString("4401c073c189");

    private readonly RecordingAccessUnitSink _sink = new();
    private ushort _sequence = 65_530;

    [Theory]
    [InlineData(3)]
    [InlineData(1150)]
    [InlineData(1151)]
    [InlineData(2297)]
    [InlineData(700_000)]
    public void A_picture_survives_packetising_and_depacketising(int sliceBytes)
    {
        var depacketizer = new H265Depacketizer(_sink);
        var packets = Packets([Vps, Sps, Pps, Slice(20, sliceBytes)], isKey: true, Kept());
        Assert.All(packets, packet => Assert.InRange(packet.Length, 3, H264Packetizer.MaxPayloadBytes));
        Send(depacketizer, packets, 9000);

        var unit = Assert.Single(_sink.Units);
        Assert.True(unit.IsKeyFrame);
        Assert.Equal([Vps, Sps, Pps, Slice(20, sliceBytes)], unit.NalUnits);
    }

    [Fact]
    public void A_camera_s_64_kB_fragments_leave_as_packets_of_1150_bytes()
    {
        var depacketizer = new H265Depacketizer(_sink);
        var slice = Slice(19, 120_000);
        byte[] first = [49 << 1, 1, 0x80 | 19, .. slice[2..60_000]];
        byte[] second = [49 << 1, 1, 0x40 | 19, .. slice[60_000..]];
        Send(depacketizer, [first, second], 9000);
        var unit = Assert.Single(_sink.Units);
        Assert.Equal([slice], unit.NalUnits);
        Assert.InRange(Packets(unit.NalUnits, isKey: true, Kept()).Count, 104, 108);
    }

    [Theory]
    [InlineData(19, true)]
    [InlineData(20, true)]
    [InlineData(21, true)]
    [InlineData(16, true)]
    [InlineData(1, false)]
    [InlineData(0, false)]
    public void A_decoder_starts_at_a_random_access_picture_only(int type, bool isKey)
    {
        var depacketizer = new H265Depacketizer(_sink);
        Send(depacketizer, [Slice(type, 100)], 9000);
        Assert.Equal(isKey ? 1 : 0, _sink.Units.Count);
    }

    [Fact]
    public void A_lost_fragment_drops_everything_up_to_the_next_key_frame()
    {
        var depacketizer = new H265Depacketizer(_sink);
        Send(depacketizer, Packets([Slice(20, 50)], true, Kept()), 0);
        var damaged = Packets([Slice(1, 5000)], false, Kept());
        damaged.RemoveAt(2);
        Send(depacketizer, damaged, 3000, lostAt: 2);
        Send(depacketizer, Packets([Slice(1, 50)], false, Kept()), 6000);
        Send(depacketizer, Packets([Slice(20, 50)], true, Kept()), 9000);
        Assert.Equal([0u, 9000u], _sink.Units.Select(unit => unit.Timestamp));
        Assert.Equal(2, depacketizer.DroppedAccessUnits);
    }

    [Fact]
    public void A_sequence_set_tells_size_level_and_reordering()
    {
        Assert.True(H265SequenceParameterSet.TryParse(Sps, out var plain));
        Assert.Equal((320, 240, 0), (plain.WidthPixels, plain.HeightPixels, plain.ReorderPictures));
        Assert.True(H265SequenceParameterSet.TryParse(ReorderedSps, out var reordered));
        Assert.Equal((1920, 1080), (reordered.WidthPixels, reordered.HeightPixels));
        Assert.True(reordered.ReorderPictures > 0);
        Assert.Equal(120, reordered.LevelIdc);
    }

    [Fact]
    public void Parameter_sets_of_the_description_precede_a_key_frame_that_lacks_them()
    {
        var sets = new H265ParameterSets();
        sets.KeepSprop(string.Join(',', new[] { Vps, Sps, Pps }.Select(Convert.ToBase64String)));
        Assert.True(sets.IsComplete);
        var depacketizer = new H265Depacketizer(_sink);
        Send(depacketizer, Packets([Slice(20, 3000)], true, sets), 0);
        Assert.Equal([Vps, Sps, Pps, Slice(20, 3000)], Assert.Single(_sink.Units).NalUnits);
    }

    [Fact]
    public void Mutated_payloads_throw_nothing()
    {
        byte[][] corpus = [.. Packets([Vps, Sps, Pps, Slice(20, 3000)], true, Kept()), Vps, Sps, ReorderedSps, Pps, [49 << 1, 1, 0x80 | 20, 7, 7], [48 << 1, 1, 0, 2, 40, 1]];
        var depacketizer = new H265Depacketizer(_sink, maxAccessUnitBytes: 100_000);
        var sets = new H265ParameterSets();
        ushort sequence = 0;
        Fuzz.Run(corpus, 7798, input =>
        {
            depacketizer.Handle(input, sequence++, 0, marker: input.Length % 3 == 0);
            sets.TryKeep(input);
            _ = H265SequenceParameterSet.TryParse(input, out _);
            _sink.Units.Clear();
        });
    }

    private static byte[] Slice(int type, int size)
    {
        var bytes = new byte[size];
        for (var i = 0; i < size; i++)
        {
            bytes[i] = (byte)(i % 251 + 1);
        }

        bytes[0] = (byte)(type << 1);
        bytes[1] = 1;
        return bytes;
    }

    private static H265ParameterSets Kept()
    {
        var sets = new H265ParameterSets();
        Assert.True(sets.TryKeep(Vps) && sets.TryKeep(Sps) && sets.TryKeep(Pps));
        return sets;
    }

    private static List<byte[]> Packets(byte[][] nalUnits, bool isKey, H265ParameterSets sets)
    {
        var ranges = new List<NalRange>();
        var at = 0;
        foreach (var nalUnit in nalUnits)
        {
            ranges.Add(new NalRange(at, nalUnit.Length));
            at += nalUnit.Length;
        }

        var packets = new List<byte[]>();
        var payload = new byte[H264Packetizer.MaxPayloadBytes];
        var unit = new AccessUnit(nalUnits.SelectMany(nalUnit => nalUnit).ToArray(), ranges.ToArray(), 0, isKey);
        for (var packetizer = new H265Packetizer(unit, sets); packetizer.HasMore;)
        {
            packets.Add(payload[..packetizer.WriteNext(payload)]);
        }

        return packets;
    }

    private void Send(H265Depacketizer depacketizer, List<byte[]> packets, uint timestamp, int lostAt = -1)
    {
        for (var i = 0; i < packets.Count; i++)
        {
            _sequence += (ushort)(i == lostAt ? 2 : 1);
            depacketizer.Handle(packets[i], _sequence, timestamp, i == packets.Count - 1);
        }
    }
}
