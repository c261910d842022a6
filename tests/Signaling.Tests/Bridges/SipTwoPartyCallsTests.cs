using System.Net;
using System.Text;
using Comms.Signaling.Bridges;
using Comms.Signaling.Sip;
using Comms.Signaling.Sip.Dialog;
using Comms.Signaling.Sip.Digest;
using Comms.Signaling.Sip.Message;
using Comms.Signaling.Tests.Sip;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Comms.Signaling.Tests.Bridges;

public sealed class SipTwoPartyCallsTests : IDisposable
{
    private static readonly SipCallId Caller = new(5);
    private static readonly SipCallId Callee = new(1001);

    private readonly RecordingSipCalls _sip = new();
    private readonly RecordingLegNode _media = new();
    private readonly SipCallBridge _bridge;
    private readonly SipDialer _dialer;
    private readonly SipTwoPartyCalls _calls;

    public SipTwoPartyCallsTests()
    {
        _sip.Registered.Add("phone1");
        _bridge = new SipCallBridge(_sip, new TableSipDirectory("comms"), _media, _media, new RecordingFloorBridge(), NullLogger<SipCallBridge>.Instance);
        _dialer = new SipDialer(_sip, _bridge, new DialDirectory(), null!, new SipDialerTests.QuietJournal(), TimeProvider.System);
        _calls = new SipTwoPartyCalls(_sip, _bridge, _dialer);
    }

    public void Dispose()
    {
        _calls.Dispose();
        _dialer.Dispose();
        _bridge.Dispose();
    }

    [Fact]
    public async Task Offers_and_answers_are_handed_on_in_both_directions()
    {
        await RingAsync();
        _sip.Tell(Callee, new CallAnswered(Callee, Octets("answer"), Route));
        Assert.Equal("answer c5 answer", await _sip.NextAsync());
        _sip.Raise(new CallReoffered(Caller, Octets("hold")));
        Assert.Equal("reoffer c1001", await _sip.NextAsync());
        _sip.Tell(Callee, new CallReanswered(Callee, 200, Octets("held")));
        Assert.Equal("answer c5 held", await _sip.NextAsync());
        _sip.Tell(Callee, new CallReoffered(Callee, Octets("video")));
        Assert.Equal("reoffer c5", await _sip.NextAsync());
        _sip.Raise(new CallReanswered(Caller, 488, default));
        Assert.Equal("reject c1001 488", await _sip.NextAsync());
        _sip.Raise(new CallEnded(Caller, CallEndReason.RemoteBye));
        Assert.Equal("hangup c1001", await _sip.NextAsync());
        Assert.Equal(0, _calls.Count);
        Assert.Empty(_media.Legs);
    }

    [Fact]
    public async Task The_callees_refusal_is_the_callers_answer()
    {
        await RingAsync();
        _sip.Tell(Callee, new CallEnded(Callee, CallEndReason.Refused) { Status = 486 });
        Assert.Equal("reject c5 486", await _sip.NextAsync());
    }

    [Fact]
    public async Task A_callee_that_hangs_up_ends_the_callers_call()
    {
        await RingAsync();
        _sip.Tell(Callee, new CallAnswered(Callee, Octets("answer"), Route));
        await _sip.NextAsync();
        _sip.Tell(Callee, new CallEnded(Callee, CallEndReason.RemoteBye));
        Assert.Equal("hangup c5", await _sip.NextAsync());
    }

    [Theory]
    [InlineData("9999", 404)]
    [InlineData("phone1", 480)]
    public async Task Whom_nobody_knows_is_not_found_and_who_is_not_registered_is_unavailable(string number, int expected)
    {
        _sip.Registered.Clear();
        Offer(number);
        Assert.Equal($"reject c5 {expected}", await _sip.NextAsync());
    }

    private static SipRoute Route => new(SipSamples.Flow, SipUri.Sip("phone1", "192.0.2.77"));

    private static byte[] Octets(string text) => Encoding.ASCII.GetBytes(text);

    private void Offer(string number) => _sip.Raise(new CallOffered(
        Caller, new SipAccount("gw1", "unit-gw1", false, new DigestVerifiers(null, null)), number, Octets("offer"), IPAddress.Loopback));

    private async Task RingAsync()
    {
        Offer("4711");
        Assert.StartsWith("place c1001 sip:phone1@", await _sip.NextAsync(), StringComparison.Ordinal);
        _sip.Tell(Callee, new CallRinging(Callee, 180, default));
        Assert.Equal("ring c5", await _sip.NextAsync());
    }
}
