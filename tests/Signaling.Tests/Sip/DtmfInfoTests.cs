using System.Text;
using Comms.Signaling.Sip;
using Comms.Support;
using Xunit;

namespace Comms.Signaling.Tests.Sip;

public sealed class DtmfInfoTests
{
    [Theory]
    [InlineData("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", 5)]
    [InlineData("Application/DTMF-Relay;charset=utf-8", "Duration = 250\r\nsignal= *\r\n", 10)]
    [InlineData("application/dtmf-relay", "Signal=11\r\nDuration=100", 11)]
    [InlineData("application/dtmf", "#", 11)]
    [InlineData("application/dtmf", " d\r\n", 15)]
    [InlineData("application/dtmf", "16", -1)]
    [InlineData("application/dtmf", "", -1)]
    [InlineData("application/dtmf-relay", "Duration=160", -1)]
    [InlineData("text/plain", "5", -1)]
    public void A_key_is_read_from_both_kinds_of_body(string type, string body, int expected) =>
        Assert.Equal(expected, DtmfInfo.TryRead(type, Encoding.ASCII.GetBytes(body), out var code) ? code : -1);

    [Fact]
    public void Mutated_bodies_are_a_key_or_nothing() => Fuzz.Run(
        ["Signal=5\r\nDuration=160\r\n"u8.ToArray(), "#"u8.ToArray()], 6_086,
        body => Assert.True(!DtmfInfo.TryRead("application/dtmf-relay", body, out var code) || code < 16));
}
