using Comms.Media.Relay;
using Comms.Support;
using Xunit;

namespace Comms.Media.Tests.Relay;

public sealed class InterleavedRtpPacketTests
{
    [Theory]
    [InlineData("80e0000100000002000000030a0b", 1, 2u, true, "0A0B")]
    [InlineData("81600001000000020000000300000009 0a0b", 1, 2u, false, "0A0B")]
    [InlineData("90600001000000020000000310de0001010203040a0b", 1, 2u, false, "0A0B")]
    [InlineData("a0600001000000020000000 30a0b0002", 1, 2u, false, "0A0B")]
    public void Header_extension_and_padding_are_stepped_over(string hex, int sequence, uint timestamp, bool marker, string payload)
    {
        Assert.True(InterleavedRtpPacket.TryParse(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), out var packet));
        Assert.Equal((sequence, timestamp, marker, 96), (packet.Sequence, packet.Timestamp, packet.Marker, packet.PayloadType));
        Assert.Equal(payload, Convert.ToHexString(packet.Payload));
    }

    [Fact]
    public void Mutated_packets_never_throw()
    {
        byte[][] corpus = [Convert.FromHexString("90600001000000020000000310de0001010203040a0b"), Convert.FromHexString("a060000100000002000000030a0b0002")];
        Fuzz.Run(corpus, 7301, static input => _ = InterleavedRtpPacket.TryParse(input, out _), allocationFree: true);
    }
}
