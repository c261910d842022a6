using Comms.Signaling.Sip;
using Comms.Signaling.Sip.Message;
using Comms.Support;
using Xunit;

namespace Comms.Signaling.Tests.Sip;

/// <summary>Mutated messages against the whole core: nothing is gained without credentials and a call still works after them.</summary>
public sealed class SipServerFuzzTests
{
    private readonly SipServerBench _bench = new(new SipOptions { WrongPasswordsPerMinute = 100_000 });
    private int _offers;

    [Fact]
    public void Mutated_exchanges_gain_nothing_and_the_server_still_serves_a_call()
    {
        var spent = CaptureSpentCredentials();
        var dialog = _bench.Place("live");
        Assert.True(_bench.Server.Answer(dialog.Call, "v=0"u8.ToArray(), _bench.Now));
        var ok = _bench.Final();
        _bench.Receive(SipSamples.Request("ACK", "z9hG4bKliveack", 2, "live", ok.To.Tag));
        _bench.Event<CallAcknowledged>();
        byte[][] corpus =
        [
            .. spent,
            SipMessageWriter.Write(SipSamples.Request("INVITE", "z9hG4bKf1", callId: "f1", extra: "Content-Type: application/sdp", body: "v=0")),
            SipMessageWriter.Write(SipSamples.Request("CANCEL", "z9hG4bKf1", callId: "f1")),
            SipMessageWriter.Write(SipSamples.Request("OPTIONS", "z9hG4bKf2", callId: "f2")),
            SipMessageWriter.Write(SipSamples.Request("BYE", "z9hG4bKf3", 3, "live", toTag: new string('0', 16))),
            SipMessageWriter.Write(SipSamples.Request("ACK", "z9hG4bKf4", 2, "live", toTag: new string('0', 16))),
            SipMessageWriter.Write(SipSamples.Request("MESSAGE", "z9hG4bKf5", callId: "f5", body: "hello")),
            SipMessageWriter.Write(SipResponse.For(SipSamples.Request("BYE", "z9hG4bKf6"), 200, "t")),
        ];

        Fuzz.Run(corpus, 4_475, Exercise);

        Assert.Equal(0, _offers);
        while (_bench.HasEvent<BindingsChanged>())
        {
            // The registration of the beginning may have expired meanwhile.
            Assert.Empty(_bench.Event<BindingsChanged>().Bindings);
        }

        Assert.Equal(1, _bench.Server.Calls);
        _bench.Wait(120_000);
        Assert.Equal(0, _bench.Server.Transactions);
        Assert.Equal("7000", _bench.Place("after").Number);
    }

    // Credentials that were good once: their nonce count is spent, so that no copy of them may have an effect.
    private List<byte[]> CaptureSpentCredentials()
    {
        var captured = new List<byte[]>();
        foreach (var method in (string[])["REGISTER", "INVITE"])
        {
            var request = SipSamples.Request(method, SipServerBench.Branch(1, "old" + method), 1, "old" + method);
            request.Headers.Set(SipHeaderNames.To, "<sip:gw1@192.0.2.1>");
            _bench.Receive(request);
            var authorized = _bench.Authorized(method, _bench.Final(), "gw1", "secret", "Expires: 3600", 2, "old" + method, "sip:7000@192.0.2.1");
            authorized.Headers.Set(SipHeaderNames.To, "<sip:gw1@192.0.2.1>");
            captured.Add(SipMessageWriter.Write(authorized));
            _bench.ReceiveOctets(captured[^1]);
        }

        Assert.Single(_bench.Event<BindingsChanged>().Bindings);
        Assert.True(_bench.Server.HangUp(_bench.Event<CallOffered>().Call, _bench.Now));
        _bench.Collect();
        _bench.Event<CallEnded>();
        while (_bench.Sent() is not null)
        {
        }

        _bench.Wait(40_000);
        return captured;
    }

    private void Exercise(ReadOnlySpan<byte> input)
    {
        _bench.ReceiveOctets(input);
        _bench.Step(50);
        while (_bench.Server.TryPollTransmit(out _))
        {
        }

        if (_bench.HasEvent<CallOffered>())
        {
            _offers++;
        }

        _bench.Forget<CredentialsRefused>();
    }
}
