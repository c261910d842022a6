using System.Net;
using System.Text;
using Comms.Signaling.Sip.Message;
using Comms.Signaling.Sip.Transaction;
using Xunit;

namespace Comms.Signaling.Tests.Sip;

/// <summary>Messages and addresses that the tests of all layers share.</summary>
internal static class SipSamples
{
    public static readonly IPEndPoint Server = new(IPAddress.Parse("192.0.2.1"), 5060);
    public static readonly IPEndPoint Phone = new(IPAddress.Parse("192.0.2.77"), 40_001);
    public static readonly SipFlow Flow = new(SipTransportKind.Udp, Server, Phone);

    public static byte[] Octets(string text) => Encoding.Latin1.GetBytes(text.ReplaceLineEndings("\r\n"));

    public static SipMessage Parse(string text)
    {
        Assert.True(SipMessageParser.TryParse(Octets(text), out var message, out var error), error.ToString());
        return message!;
    }

    public static SipRequest Request(
        string method, string branch = "z9hG4bKone", uint cseq = 1, string callId = "call-1", string? toTag = null, string fromTag = "phone",
        string uri = "sip:7000@192.0.2.1", string extra = "", string body = "")
    {
        var to = toTag is null ? "" : $";tag={toTag}";
        return (SipRequest)Parse($"""
            {method} {uri} SIP/2.0
            Via: SIP/2.0/UDP 192.0.2.77:40001;branch={branch};rport
            Max-Forwards: 70
            From: <sip:gw1@192.0.2.1>;tag={fromTag}
            To: <sip:7000@192.0.2.1>{to}
            Call-ID: {callId}
            CSeq: {cseq} {method}
            Contact: <sip:gw1@192.0.2.77:40001>
            {extra}{(extra.Length > 0 ? "\n" : "")}Content-Length: {body.Length}

            {body}
            """);
    }

    public static SipResponse Response(ReadOnlyMemory<byte> octets) => (SipResponse)Read(octets);

    public static SipMessage Read(ReadOnlyMemory<byte> octets)
    {
        Assert.True(SipMessageParser.TryParse(octets.Span, out var message, out var error), error.ToString());
        return message!;
    }
}
