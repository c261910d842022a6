using System.Net;
using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Media.Session;
using Comms.Support;
using Xunit;

namespace Comms.Media.Tests.Session;

public class RtpLegFuzzTests
{
    [Fact]
    public void Mutated_datagrams_never_throw_and_are_never_answered()
    {
        var remote = new IPEndPoint(IPAddress.Parse("192.0.2.7"), 4_000);
        var parameters = new RtpLegParameters
        {
            Codec = RtpLegCodec.Pcma, Remote = remote, TelephoneEventPayloadType = 101, LocalAddress = IPAddress.Loopback,
        };
        var now = new Instant(1_000_000_000);
        var leg = new RtpLeg(parameters, new RtpLegIdentity(1, 2, 3), new RtpLegSettings(), now);
        TransportAddress source = TransportAddress.From(remote);
        byte[] buffer = new byte[RtpLeg.MaxDatagramBytes];
        byte[][] corpus =
        [
            [0x80, 8, 0, 1, 0, 0, 0, 160, 0, 0, 0x12, 0x34, .. new byte[160]],
            [0xB1, 8, 0, 1, 0, 0, 0, 160, 0, 0, 0x12, 0x34, 9, 9, 9, 9, 0xBE, 0xDE, 0, 1, 1, 2, 3, 4, .. new byte[160], 0, 0, 3],
            [0x80, 101, 0, 1, 0, 0, 0, 160, 0, 0, 0x12, 0x34, 10, 0x8A, 3, 32],
            [0x81, 201, 0, 7, 0, 0, 0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0],
        ];
        Fuzz.Run(corpus, 3550, Feed, allocationFree: true);

        void Feed(ReadOnlySpan<byte> datagram)
        {
            leg.HandleDatagram(datagram, source, now, out RtpLegFrame frame);
            if (frame.Payload.Length > datagram.Length) throw new InvalidOperationException("payload exceeds the datagram");
            while (leg.TryPollKey(out _)) { }
            if (leg.TryPollTransmit(buffer, out _)) throw new InvalidOperationException("answered");
        }
    }
}
