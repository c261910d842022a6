using Comms.Media.Wire.Rtp;
using Comms.Support;
using Xunit;

namespace Comms.Media.Tests.Wire.Rtp;

public class RedPayloadTests
{
    [Fact]
    public void Both_blocks_stand_as_RFC_2198_draws_them()
    {
        byte[] to = new byte[20];
        int length = RedPayload.Write(to, 111, [1, 2, 3], 960, [4, 5]);
        Assert.Equal([0x80 | 111, 960 >> 6, (960 & 0x3F) << 2, 3, 111, 1, 2, 3, 4, 5], to[..length].Select(value => (int)value));
        Assert.True(RedPayload.TryParse(to.AsSpan(0, length), out var red));
        Assert.Equal((960, (byte)111), (red.OffsetTicks, red.PayloadType));
        Assert.Equal([1, 2, 3], red.Previous.ToArray());
        Assert.Equal([4, 5], red.Primary.ToArray());
    }

    [Fact]
    public void The_longest_block_and_offset_are_read_back()
    {
        byte[] previous = new byte[RedPayload.MaxPreviousBytes];
        byte[] to = new byte[1_100];
        int length = RedPayload.Write(to, 127, previous, RedPayload.MaxOffsetTicks, [9]);
        Assert.True(RedPayload.TryParse(to.AsSpan(0, length), out var red));
        Assert.Equal((RedPayload.MaxOffsetTicks, RedPayload.MaxPreviousBytes, 1), (red.OffsetTicks, red.Previous.Length, red.Primary.Length));
    }

    [Fact]
    public void Whatever_comes_is_refused_or_stays_inside() => Fuzz.Run(
        [[0x80 | 111, 15, 0, 3, 111, 1, 2, 3, 4, 5], [111, 1, 2]],
        2198,
        payload =>
        {
            if (RedPayload.TryParse(payload, out var red) && red.Previous.Length + red.Primary.Length + RedPayload.HeaderBytes != payload.Length)
                throw new InvalidOperationException("blocks exceed the payload");
        },
        allocationFree: true);
}
