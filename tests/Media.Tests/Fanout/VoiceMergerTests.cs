using Comms.Media.Fanout;
using Comms.Media.Numbers;
using Comms.Media.Wire.Opus;
using Comms.Support;
using Xunit;

namespace Comms.Media.Tests.Fanout;

public class VoiceMergerTests : IVoicePacketSink
{
    /// <summary>SILK wideband, 20 ms.</summary>
    private const byte Toc = 9 << 3;

    private static readonly Instant Start = new(1_000_000_000_000);
    private readonly VoiceMerger _merger;
    private readonly List<Packet> _sent = [];
    private Instant _now = Start;
    private ushort _sequence = 100;
    private uint _timestamp = 5_000;
    private int _frameMs = 60;
    private byte _mark;

    public VoiceMergerTests() => _merger = new VoiceMerger(this);

    [Theory]
    [InlineData(20, 1)]
    [InlineData(40, 2)]
    [InlineData(60, 3)]
    [InlineData(80, 4)]
    [InlineData(100, 5)]
    [InlineData(120, 6)]
    public void A_packet_of_each_class_leaves_with_its_last_frame_and_the_first_frames_timestamp(int frameMs, int frames)
    {
        _frameMs = frameMs;
        for (int i = 0; i < 12 * frames; i++)
        {
            Assert.Equal(i / frames, _sent.Count);
            Say();
        }

        Assert.All(_sent, packet => Assert.Equal((frames, VoiceFlush.Full, frames * 960), (packet.Marks.Length, packet.Flush, packet.Header.Ticks)));
        Assert.Equal(Enumerable.Range(0, 12 * frames).Select(i => (byte)i), _sent.SelectMany(packet => packet.Marks));
        AssertLine(step: frames * 960);
        Assert.Equal([0], _sent.Index().Where(packet => packet.Item.Header.Marker).Select(packet => packet.Index));
        Assert.Equal(Instant.Never, _merger.NextDeadline);
    }

    [Fact]
    public void A_packet_that_is_whole_by_itself_goes_out_as_it_came()
    {
        _frameMs = 20;
        byte[] padded = [Toc | 3, 0x41, 2, 7, 8, 9, 0, 0];
        Insert(padded, 960);
        Assert.Equal(padded, Assert.Single(_sent).Payload);
    }

    [Fact]
    public void Packets_of_several_frames_are_split_first()
    {
        Insert([Toc | 1, 1, 1, 1, 2, 2, 2], 1_920);
        Insert([Toc | 2, 3, 3, 3, 3, 4, 4, 4, 4], 1_920);
        Insert([Toc | 3, 2, 5, 5, 5, 6, 6, 6], 1_920);
        Assert.Equal([[1, 2, 3], [4, 5, 6]], _sent.Select(packet => packet.Marks.Select(mark => (int)mark)));
        AssertLine(step: 2_880);
    }

    [Fact]
    public void A_talkers_packet_longer_than_the_class_keeps_its_length()
    {
        _frameMs = 20;
        Insert([Toc | 3, 3, 1, 1, 1, 2, 2, 2, 3, 3, 3], 2_880);
        Insert([Toc | 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 6], 2_880);
        Assert.Equal([3, 3], _sent.Select(packet => packet.Marks.Length));
        AssertLine(step: 2_880);
    }

    [Fact]
    public void The_end_of_a_burst_is_flushed_at_once_and_the_end_of_an_older_one_changes_nothing()
    {
        Say(burst: 2);
        _merger.EndBurst(1, _now);
        Assert.Empty(_sent);
        _merger.EndBurst(2, _now);
        Assert.Equal(VoiceFlush.End, Assert.Single(_sent).Flush);
        Assert.Equal(Instant.Never, _merger.NextDeadline);
    }

    [Fact]
    public void Another_burst_configuration_or_stereo_bit_begins_another_packet()
    {
        Say();
        Say(toc: Toc | 4);
        Say(toc: 8 << 3);
        Say(toc: 8 << 3, burst: 9);
        _merger.EndBurst(9, _now);
        Assert.Equal([VoiceFlush.Change, VoiceFlush.Change, VoiceFlush.Change, VoiceFlush.End], _sent.Select(packet => packet.Flush));
        AssertLine(step: 960);
        Assert.True(_sent[3].Header.Marker);
    }

    [Fact]
    public void A_lost_packet_leaves_a_number_out_and_when_it_comes_late_it_takes_it()
    {
        Say();
        (ushort sequence, uint timestamp) = (_sequence, _timestamp);
        Skip(2);
        for (int i = 0; i < 3; i++) Say();
        Assert.Equal([VoiceFlush.Gap, VoiceFlush.Full], _sent.Select(packet => packet.Flush));
        Assert.Equal(_sent[0].Header.Sequence + 3, _sent[1].Header.Sequence);
        Assert.Equal(_sent[0].Header.Timestamp + 3 * 960, _sent[1].Header.Timestamp);
        byte[] late = [Toc, 77, 77];
        var header = Header(1) with { Sequence = (ushort)(sequence + 1), Timestamp = timestamp + 960 };
        Assert.Equal(DropReason.None, _merger.Insert(header, late, _now));
        Assert.Equal((_sent[0].Header.Sequence + 2, _sent[0].Header.Timestamp + 1_920), (_sent[2].Header.Sequence, _sent[2].Header.Timestamp));
        Assert.Equal(late, _sent[2].Payload);
        Assert.Equal(DropReason.Late, _merger.Insert(header, late, _now));
    }

    [Fact]
    public void A_pause_of_the_talkers_clock_ends_the_packet_without_leaving_a_number_out()
    {
        Say();
        _timestamp += 9_600;
        for (int i = 0; i < 3; i++) Say();
        Assert.Equal([VoiceFlush.Gap, VoiceFlush.Full], _sent.Select(packet => packet.Flush));
        Assert.Equal((_sent[0].Header.Sequence + 1, _sent[0].Header.Timestamp + 960 + 9_600), (_sent[1].Header.Sequence, _sent[1].Header.Timestamp));
    }

    [Fact]
    public void A_frame_of_discontinuous_transmission_goes_alone_and_at_once()
    {
        Say();
        Insert([Toc, 1], 960);
        Insert([Toc], 960);
        for (int i = 0; i < 3; i++) Say();
        Assert.Equal([VoiceFlush.Dtx, VoiceFlush.Dtx, VoiceFlush.Dtx, VoiceFlush.Full], _sent.Select(packet => packet.Flush));
        Assert.Equal([1, 1, 1, 3], _sent.Select(packet => packet.Header.Ticks / 960));
    }

    [Fact]
    public void Long_frames_never_make_a_packet_of_more_than_1150_bytes()
    {
        _frameMs = 120;
        for (int i = 0; i < 20; i++) Insert([Toc, .. new byte[400 + i]], 960);
        Insert([Toc, .. new byte[1_200]], 960);
        Insert([Toc, .. new byte[1_149]], 960);
        Assert.All(_sent[..^1], packet => Assert.Equal(VoiceFlush.Bytes, packet.Flush));
        Assert.All(_sent.Where(packet => packet.Marks.Length > 1), packet => Assert.InRange(packet.Payload.Length, 800, 1_150));
        Assert.Contains(_sent, packet => packet.Payload.Length == 1_201);
    }

    [Fact]
    public void Frames_of_a_talker_that_stopped_without_a_word_are_not_held()
    {
        Say();
        Assert.Equal(Start.AddMs(100), _merger.NextDeadline);
        _merger.HandleTimeout(Start.AddMs(99));
        Assert.Empty(_sent);
        _merger.HandleTimeout(Start.AddMs(100));
        Assert.Equal(VoiceFlush.Overdue, Assert.Single(_sent).Flush);
        Say();
        Say();
        Say();
        AssertLine(step: 960);
    }

    [Fact]
    public void A_class_that_grows_in_the_middle_of_a_burst_loses_nothing()
    {
        for (_frameMs = 20; _frameMs <= 120; _frameMs += 20)
        {
            for (int i = 0; i < 7; i++) Say();
        }

        _merger.EndBurst(1, _now);
        Assert.Equal(Enumerable.Range(0, 42).Select(i => (byte)i), _sent.SelectMany(packet => packet.Marks));
        Assert.Equal([20, 40, 60, 80, 100, 120], _sent.Select(packet => packet.Header.Ticks / 48).Distinct().Order());
        Assert.All(_sent.Zip(_sent.Skip(1)), pair => Assert.Equal(
            (pair.First.Header.Sequence + 1, pair.First.Header.Timestamp + (uint)pair.First.Header.Ticks), (pair.Second.Header.Sequence, pair.Second.Header.Timestamp)));
    }

    [Fact]
    public void Whatever_the_network_does_each_frame_goes_out_once_at_its_time_and_no_number_twice()
    {
        var random = new SeededRandom(42);
        for (int run = 0; run < 50; run++)
        {
            _sent.Clear();
            var merger = new VoiceMerger(this);
            var arrivals = Arrivals(ref random, burst: run + 1);
            var taken = new Dictionary<uint, byte>();
            _frameMs = 20 + 20 * random.Next(6);
            foreach (var (header, payload) in arrivals)
            {
                if (random.Next(40) == 0) _frameMs = Math.Min(120, _frameMs + 20);
                var reason = merger.Insert(header with { FrameMs = _frameMs }, payload, header.Captured);
                if (reason == DropReason.None) Assert.True(taken.TryAdd(header.Timestamp, payload[1]));
                if (random.Next(60) == 0) merger.HandleTimeout(merger.NextDeadline);
            }

            merger.EndBurst(run + 1, _now);
            uint offset = _sent[0].Header.Timestamp - arrivals[0].Header.Timestamp;
            var frames = _sent.SelectMany(packet => packet.Marks.Index().Select(mark => (Timestamp: packet.Header.Timestamp + (uint)(mark.Index * 960) - offset, Mark: mark.Item))).ToList();
            Assert.Equal(taken.OrderBy(frame => frame.Key).Select(frame => (frame.Key, frame.Value)), frames.OrderBy(frame => frame.Timestamp));
            Assert.Equal(_sent.Count, _sent.Select(packet => packet.Header.Sequence).Distinct().Count());
            Assert.All(_sent, packet => Assert.True(packet.Payload.Length <= OpusRepacketizer.MaxPacketBytes && packet.Header.Ticks <= 5_760));

            // By number, every packet lies behind the end of the one before it.
            foreach (var (before, after) in _sent.OrderBy(packet => packet.Header.Sequence).Zip(_sent.OrderBy(packet => packet.Header.Sequence).Skip(1)))
                Assert.True(before.Header.Timestamp + before.Header.Ticks <= after.Header.Timestamp);
        }
    }

    /// <summary>A burst of 300 frames as a bad network delivers it: lost, doubled and out of order, with changes of configuration.</summary>
    private static List<(FrameHeader Header, byte[] Payload)> Arrivals(ref SeededRandom random, long burst)
    {
        var arrivals = new List<(int At, FrameHeader Header, byte[] Payload)>();
        byte toc = Toc;
        for (int i = 0; i < 300; i++)
        {
            if (random.Next(80) == 0) toc = (byte)(toc ^ 4);
            byte[] payload = [toc, (byte)(i % 255 + 1), .. new byte[1 + random.Next(random.Next(20) == 0 ? 500 : 80)]];
            var header = new FrameHeader { Number = burst, Sequence = (ushort)(65_400 + i), Timestamp = 0xFFFF_0000 + (uint)(i * 960), Captured = Start.AddMs(20 * i) };
            if (i > 0 && random.Next(20) == 0) continue;
            arrivals.Add((i > 0 && random.Next(20) == 0 ? i + random.Next(8) : i, header, payload));
            if (random.Next(20) == 0) arrivals.Add((i + random.Next(90), header, payload));
        }

        return [.. arrivals.OrderBy(arrival => arrival.At).Select(arrival => (arrival.Header, arrival.Payload))];
    }

    [Fact]
    public void What_is_no_Opus_packet_is_dropped_and_merging_allocates_nothing()
    {
        byte[] payload = [Toc, .. new byte[60]];
        _sent.Clear();
        var merger = new VoiceMerger(new Deaf());
        for (int i = 0; i < 100; i++) merger.Insert(Header(1) with { Sequence = (ushort)i, Timestamp = (uint)i * 960 }, payload, Start);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 100; i < 10_000; i++) merger.Insert(Header(1) with { Sequence = (ushort)i, Timestamp = (uint)i * 960 }, payload, Start);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(DropReason.Malformed, merger.Insert(Header(1) with { Sequence = 10_000 }, [Toc | 3], Start));
    }

    void IVoicePacketSink.OnPacket(in FrameHeader header, ReadOnlySpan<byte> payload, VoiceFlush flush, Instant now)
    {
        Assert.True(OpusPacketView.TryParse(payload, out var view, out _));
        byte[] marks = new byte[view.FrameCount];
        for (int i = 0; i < marks.Length; i++) marks[i] = view.Frame(i).IsEmpty ? (byte)0 : view.Frame(i)[0];
        _sent.Add(new Packet(header, payload.ToArray(), marks, flush));
    }

    private void Say(byte toc = Toc, long burst = 1)
    {
        byte[] frame = new byte[4 + _mark % 3];
        frame[0] = toc;
        frame[1] = _mark++;
        Insert(frame, 960, burst);
    }

    private void Insert(byte[] payload, int ticks, long burst = 1)
    {
        Assert.Equal(DropReason.None, _merger.Insert(Header(burst), payload, _now));
        _sequence++;
        _timestamp += (uint)ticks;
        _now = _now.AddMs(ticks / 48);
    }

    private void Skip(int packets)
    {
        _sequence += (ushort)packets;
        _timestamp += (uint)(packets * 960);
        _now = _now.AddMs(packets * 20);
    }

    private FrameHeader Header(long burst) => new()
    {
        Kind = (int)VoiceFrameKind.Opus, Number = burst, Sequence = _sequence, Timestamp = _timestamp, Captured = _now, FrameMs = _frameMs,
    };

    private void AssertLine(int step) => Assert.All(_sent.Zip(_sent.Skip(1)), pair => Assert.Equal(
        (pair.First.Header.Sequence + 1, pair.First.Header.Timestamp + (uint)step), (pair.Second.Header.Sequence, pair.Second.Header.Timestamp)));

    private sealed record Packet(FrameHeader Header, byte[] Payload, byte[] Marks, VoiceFlush Flush);

    private sealed class Deaf : IVoicePacketSink
    {
        public void OnPacket(in FrameHeader header, ReadOnlySpan<byte> payload, VoiceFlush flush, Instant now)
        {
        }
    }
}
