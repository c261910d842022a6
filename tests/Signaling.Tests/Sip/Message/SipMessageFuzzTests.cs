using Comms.Signaling.Sip.Digest;
using Comms.Signaling.Sip.Message;
using Comms.Support;
using Xunit;

namespace Comms.Signaling.Tests.Sip.Message;

public sealed class SipMessageFuzzTests
{
    [Fact]
    public void Mutated_messages_never_throw_and_what_is_read_can_be_written_and_read_again()
    {
        byte[][] corpus =
        [
            SipMessageWriter.Write(SipSamples.Request("INVITE", body: "v=0", extra: "Content-Type: application/sdp;charset=\"gb2312\"")),
            SipMessageWriter.Write(SipSamples.Request("REGISTER", extra: "Authorization: Digest username=\"a\", realm=\"r\", nonce=\"n\", "
                + "uri=\"sip:h\", response=\"00\", algorithm=SHA-256, qop=auth, nc=00000001, cnonce=\"c\"\nExpires: 60")),
            SipMessageWriter.Write(SipResponse.For(SipSamples.Request("OPTIONS", extra: "Record-Route: <sip:[2001:db8::9]:5070;lr>, <sip:p2;lr>"), 200)),
            SipSamples.Octets("""
                OPTIONS sips:a%20b:pw@[::1]:5061;transport=tcp;x?h=v SIP/2.0
                v: SIP / 2.0 / UDP h:1 ; branch="q", SIP/2.0/TCP j
                f: "A \"b\" c" <sip:u@h>
                 ;tag=1
                t: tel:+86
                i: x
                CSeq: 1 OPTIONS
                m: *


                """),
        ];
        Fuzz.Run(corpus, 20_260, Exercise);
    }

    private static void Exercise(ReadOnlySpan<byte> input)
    {
        if (!SipMessageParser.TryParse(input, out var message, out _))
        {
            if (message is SipRequest bad)
            {
                SipMessageWriter.Write(SipResponse.For(bad, 400, "t"));
            }

            return;
        }

        _ = message!.TryGetAddresses(SipHeaderNames.Contact, out _);
        _ = message.TryGetAddresses(SipHeaderNames.RecordRoute, out _);
        _ = message.ContentType?.Charset;
        foreach (var value in message.Headers.All(SipHeaderNames.Authorization))
        {
            _ = DigestCredentials.TryParse(value, out _);
        }

        if (message is SipRequest request)
        {
            message.MarkSource(SipSamples.Phone);
            request.Uri.IsEquivalentTo(request.From.Uri);
            SipMessageWriter.Write(SipResponse.For(request, 200, "t"));
        }

        if (!SipMessageParser.TryParse(SipMessageWriter.Write(message), out _, out var error))
        {
            throw new InvalidOperationException($"written message is not read again: {error}");
        }
    }
}
