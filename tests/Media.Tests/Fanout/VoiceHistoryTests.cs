using Comms.Media.Fanout;
using Comms.Media.Session;
using Comms.Media.Wire.Opus;
using Xunit;

namespace Comms.Media.Tests.Fanout;

public class VoiceHistoryTests
{
    private readonly VoiceHistory _history = new();
    private readonly VoiceFrame _frame = new();

    [Fact]
    public void A_packet_goes_with_the_one_before_it_first_and_again()
    {
        Add(1, 0, 100);
        Assert.Equal(0, _frame.Packet.PreviousTicks);
        Add(2, 5_760, 90);
        Assert.Equal((5_760, 100), (_frame.Packet.PreviousTicks, _frame.Packet.Previous.Length));
        AssertFound(2, out var again);
        Assert.Equal((5_760, 90), (again.PreviousTicks, again.Payload.Length));
        Assert.True(again.Previous.SequenceEqual(_frame.Packet.Previous));
    }

    [Fact]
    public void A_packet_that_comes_later_does_not_change_what_the_next_one_went_with()
    {
        Add(1, 0, 50);
        Add(3, 1_920, 50);
        Add(2, 960, 50);
        AssertFound(3, out var again);
        Assert.Equal((0, 0), (again.PreviousTicks, again.Previous.Length));
    }

    [Fact]
    public void Across_bursts_long_pauses_and_beyond_the_largest_packet_there_is_none_before()
    {
        Add(1, 0, 50);
        Add(2, 960, 50, burst: 2);
        Assert.Equal(0, _frame.Packet.PreviousTicks);
        Add(3, 960 + 17_000, 50, burst: 2);
        Assert.Equal(0, _frame.Packet.PreviousTicks);
        Add(4, 960 + 17_960, 600, burst: 2);
        Add(5, 960 + 18_920, 600, burst: 2);
        Assert.Equal(0, _frame.Packet.PreviousTicks);
    }

    [Fact]
    public void What_was_overwritten_is_not_found_and_a_packet_whose_predecessor_was_says_so()
    {
        for (int i = 0; i < 60; i++) Add((ushort)i, (uint)i * 960, 500);
        int oldest = Enumerable.Range(0, 60).First(i => _history.TryFind((ushort)i, out _));
        Assert.InRange(oldest, 27, 29);
        AssertFound((ushort)oldest, out var packet);
        Assert.Equal((960, 0, 500), (packet.PreviousTicks, packet.Previous.Length, packet.Payload.Length));
        AssertFound((ushort)(oldest + 1), out packet);
        Assert.Equal(500, packet.Previous.Length);
        for (int i = oldest; i < 60; i++)
        {
            AssertFound((ushort)i, out packet);
            Assert.Equal((byte)i, packet.Payload[0]);
            Assert.Equal((byte)i, packet.Payload[^1]);
        }
    }

    [Fact]
    public void The_longest_packets_are_kept_too()
    {
        Add(7, 0, OpusRepacketizer.MaxPacketBytes);
        AssertFound(7, out var packet);
        Assert.Equal(OpusRepacketizer.MaxPacketBytes, packet.Payload.Length);
        Assert.False(_history.TryFind(7 + 64, out _));
    }

    private void AssertFound(ushort sequence, out VoicePacket packet) => Assert.True(_history.TryFind(sequence, out packet));

    private void Add(ushort sequence, uint timestamp, int bytes, long burst = 1)
    {
        byte[] payload = new byte[bytes];
        payload.AsSpan().Fill((byte)sequence);
        _frame.Set(new FrameHeader { Sequence = sequence, Timestamp = timestamp, Number = burst }, payload);
        _history.Add(_frame);
    }
}
