using Comms.Media.Wire;
using Xunit;

namespace Comms.Media.Tests.Wire;

public class DatagramKindTests
{
    [Theory]
    [InlineData(0, 1, DatagramKind.Stun)]
    [InlineData(3, 0, DatagramKind.Stun)]
    [InlineData(4, 0, DatagramKind.Unknown)]
    [InlineData(16, 0, DatagramKind.Unknown)]
    [InlineData(20, 0, DatagramKind.Dtls)]
    [InlineData(63, 0, DatagramKind.Dtls)]
    [InlineData(64, 0, DatagramKind.Unknown)]
    [InlineData(128, 111, DatagramKind.Rtp)]
    [InlineData(128, 0x80 | 111, DatagramKind.Rtp)]
    [InlineData(144, 96, DatagramKind.Rtp)]
    [InlineData(128, 200, DatagramKind.Rtcp)]
    [InlineData(129, 206, DatagramKind.Rtcp)]
    [InlineData(191, 223, DatagramKind.Rtcp)]
    [InlineData(192, 200, DatagramKind.Unknown)]
    public void The_first_bytes_tell_the_protocol(byte first, byte second, DatagramKind kind) =>
        Assert.Equal(kind, DatagramDemultiplexer.Classify([first, second, 0, 0]));

    [Fact]
    public void Less_than_two_bytes_are_nothing()
    {
        Assert.Equal(DatagramKind.Unknown, DatagramDemultiplexer.Classify([]));
        Assert.Equal(DatagramKind.Unknown, DatagramDemultiplexer.Classify([0x80]));
    }
}
