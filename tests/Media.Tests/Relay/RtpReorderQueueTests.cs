using System.Buffers.Binary;
using System.Globalization;
using Comms.Media.Numbers;
using Comms.Media.Relay;
using Comms.Support;
using Xunit;

namespace Comms.Media.Tests.Relay;

public sealed class RtpReorderQueueTests
{
    private readonly RtpReorderQueue _queue = new();
    private readonly List<int> _delivered = [];

    [Theory]
    [InlineData("65534 65535 0 1", "65534 65535 0 1")]
    [InlineData("1 3 2 4", "1 2 3 4")]
    [InlineData("65535 2 1 0 3", "65535 0 1 2 3")]
    [InlineData("1 2 2 1 3", "1 2 3")]
    [InlineData("1 3 4 5 6 7 8 9 10 11 12 13 14 15 16", "1 3 4 5 6 7 8 9 10 11 12 13 14 15 16")]
    [InlineData("1 3 4 900 901", "1 3 4 900 901")]
    public void Packets_come_out_in_order_and_a_lost_one_is_waited_for_in_vain_only_so_long(string arrives, string leaves)
    {
        foreach (var number in arrives.Split(' '))
        {
            Push(ushort.Parse(number, CultureInfo.InvariantCulture));
        }

        Assert.Equal(leaves, string.Join(' ', _delivered));
    }

    [Fact]
    public void Any_order_of_numbers_is_taken_without_an_exception()
    {
        byte[][] corpus = [.. Enumerable.Range(0, 40).Select(number => Packet((ushort)(number * 5)))];
        Fuzz.Run(corpus, 3550, input =>
        {
            if (input.Length >= 12)
            {
                _queue.Handle(input, this, static (_, _, _) => { }, default);
            }
        });
    }

    private void Push(ushort sequence) => _queue.Handle(
        Packet(sequence), this, static (test, packet, _) => test._delivered.Add(BinaryPrimitives.ReadUInt16BigEndian(packet[2..])), default(Instant));

    private static byte[] Packet(ushort sequence)
    {
        var packet = new byte[12];
        packet[0] = 0x80;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), sequence);
        return packet;
    }
}
