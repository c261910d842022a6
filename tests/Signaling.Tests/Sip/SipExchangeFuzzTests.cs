using Comms.Signaling.Sip;
using Comms.Signaling.Sip.Dialog;
using Comms.Signaling.Sip.Message;
using Comms.Support;
using Xunit;

namespace Comms.Signaling.Tests.Sip;

/// <summary>
/// Answers and in-dialog requests of a hostile or broken peer while the server places calls: nothing throws, nothing is left, no
/// call gets a second answer, and the next call works.
/// </summary>
public sealed class SipExchangeFuzzTests
{
    private static readonly byte[] Sdp = "v=0\r\n"u8.ToArray();
    private readonly SipServerBench _bench = new();
    private SipRequest? _invite;
    private SipCallId _call;
    private int _answers;

    [Fact]
    public void Mutated_answers_to_our_calls_break_nothing()
    {
        Renew();
        var template = _invite!;
        byte[][] corpus =
        [
            Answer(template, 180), Answer(template, 183, new("Require", "100rel"), new("RSeq", "1")), Answer(template, 200), Answer(template, 486),
            Answer(template, 407, new SipHeader("Proxy-Authenticate", "Digest realm=\"r\", nonce=\"n\", qop=\"auth\"")), Answer(template, 302),
            Answer(template, 200, new("Session-Expires", "90;refresher=uac"), new("Allow", "UPDATE")),
        ];
        Fuzz.Run(corpus, 3_261, Exercise);
        Assert.True(_answers > 0, "no mutation was an answer any more");
        _bench.Wait(200_000);
        Assert.Equal((0, 0), (_bench.Server.Calls, _bench.Server.Transactions));
        Assert.Equal("7000", _bench.Place("after").Number);
    }

    // The corpus names one INVITE; each mutation is written for the one that is open now.
    private void Exercise(ReadOnlySpan<byte> input)
    {
        var text = System.Text.Encoding.Latin1.GetString(input)
            .Replace("@@branch@@", _invite!.TopVia.Branch, StringComparison.Ordinal)
            .Replace("@@call@@", _invite.CallId, StringComparison.Ordinal)
            .Replace("@@tag@@", _invite.From.Tag, StringComparison.Ordinal);
        _bench.ReceiveOctets(System.Text.Encoding.Latin1.GetBytes(text));
        _bench.Step(20);
        while (_bench.Server.TryPollTransmit(out _))
        {
        }

        if (_bench.HasEvent<CallAnswered>())
        {
            Assert.Equal(_call, _bench.Event<CallAnswered>().Call);
            Assert.False(_bench.HasEvent<CallAnswered>());
            _answers++;
            _bench.Server.HangUp(_call, _bench.Now);
            _bench.Collect();
        }

        _bench.Forget<CallRinging>();
        _bench.Forget<CallEnded>();
        if (_bench.Server.Calls == 0)
        {
            Renew();
        }
    }

    private void Renew()
    {
        _call = _bench.Server.NewCall();
        var route = new SipRoute(SipSamples.Flow, SipUri.Sip("r1", "192.0.2.77", 40_001));
        _bench.Server.Place(_call, new OutgoingInvite { Routes = [route], Sdp = Sdp, FromUser = "comms" }, _bench.Now);
        _bench.Collect();
        while (_bench.Sent() is { } sent)
        {
            _invite = sent is SipRequest { IsInvite: true } invite ? invite : _invite;
        }
    }

    private static byte[] Answer(SipRequest invite, int status, params SipHeader[] headers)
    {
        var response = SipResponse.For(invite, status, "remote");
        response.Headers.Add("Contact", "<sip:r1@192.0.2.77:40001>");
        foreach (var header in headers)
        {
            response.Headers.Add(header.Name, header.Value);
        }

        var text = System.Text.Encoding.Latin1.GetString(SipMessageWriter.Write(response));
        return System.Text.Encoding.Latin1.GetBytes(text.Replace(invite.TopVia.Branch!, "@@branch@@", StringComparison.Ordinal)
            .Replace(invite.CallId, "@@call@@", StringComparison.Ordinal).Replace(invite.From.Tag!, "@@tag@@", StringComparison.Ordinal));
    }
}
