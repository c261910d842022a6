using System.Net;
using System.Text;
using Comms.Grains.Contracts;
using Comms.Signaling.Bridges;
using Comms.Signaling.Sip;
using Comms.Signaling.Sip.Dialog;
using Comms.Signaling.Sip.Message;
using Comms.Signaling.Tests.Sip;
using Comms.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Comms.Signaling.Tests.Bridges;

public sealed class SipDialerTests : IDisposable
{
    private static readonly Actor Dispatcher = new("chief", "hq", "http");
    private static readonly byte[] Answer = Encoding.ASCII.GetBytes("v=0\r\no=- 1 1 IN IP4 192.0.2.77\r\ns=-\r\nc=IN IP4 192.0.2.77\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n");

    private readonly RecordingSipCalls _sip = new();
    private readonly RecordingLegNode _media = new();
    private readonly RecordingFloorBridge _floor = new();
    private readonly TableSipDirectory _directory = new("comms");
    private readonly SipCallBridge _bridge;
    private readonly SipDialer _dialer;

    public SipDialerTests()
    {
        _directory.SetRight("ch1", "unit", ChannelRight.Talk);
        _bridge = new SipCallBridge(_sip, _directory, _media, _media, _floor, NullLogger<SipCallBridge>.Instance);
        _dialer = new SipDialer(_sip, _bridge, new DialDirectory(), null!, new QuietJournal(), TimeProvider.System);
    }

    public void Dispose()
    {
        _dialer.Dispose();
        _bridge.Dispose();
    }

    [Theory]
    [InlineData("4711")]
    [InlineData("Phone1")]
    public async Task A_units_number_and_an_accounts_name_ring_its_phone_and_join_it_to_the_channel(string number)
    {
        _sip.Registered.Add("phone1");
        var reply = await _dialer.DialAsync(number, "ch1", Dispatcher);
        var placed = await _sip.NextAsync();
        Assert.StartsWith("place c1001 sip:phone1@", placed, StringComparison.Ordinal);
        var call = new SipCallId(1001);
        _sip.Tell(call, new CallRinging(call, 180, default));
        Assert.Equal(SipCallStage.Ringing, _dialer.Find(reply.Call!.Id)!.Stage);
        _sip.Tell(call, new CallAnswered(call, Answer, new SipRoute(SipSamples.Flow, SipUri.Sip("phone1", "192.0.2.77"))));
        await Eventually.TrueAsync(() => _dialer.Find(reply.Call.Id)!.Stage == SipCallStage.Up, "the call is in the channel");
        Assert.Equal(["join ch1 unit"], _floor.Asked);
        Assert.Equal(new IPEndPoint(IPAddress.Parse("192.0.2.77"), 40_000), Assert.Single(_media.Legs).Value.Remote);
        Assert.True(_dialer.HangUp(reply.Call.Id));
        Assert.Equal("hangup c1001", await _sip.NextAsync());
        _sip.Tell(call, new CallEnded(call, CallEndReason.LocalBye));
        await Eventually.TrueAsync(() => _media.Legs.IsEmpty, "the leg is closed");
        Assert.Equal(SipCallStage.Ended, _dialer.Find(reply.Call.Id)!.Stage);
    }

    [Fact]
    public async Task A_refusal_is_remembered_with_its_status()
    {
        _sip.Registered.Add("phone1");
        var reply = await _dialer.DialAsync("4711", "ch1", Dispatcher);
        await _sip.NextAsync();
        var call = new SipCallId(1001);
        _sip.Tell(call, new CallEnded(call, CallEndReason.Refused) { Status = 486 });
        await Eventually.TrueAsync(() => _media.Legs.IsEmpty, "the leg is closed");
        Assert.Equal((SipCallStage.Ended, 486), (_dialer.Find(reply.Call!.Id)!.Stage, _dialer.Find(reply.Call.Id)!.Status));
    }

    [Theory]
    [InlineData("4711", "ch1", DialRefusal.NotReachable)]
    [InlineData("9999", "ch1", DialRefusal.NoNumber)]
    [InlineData("7000", "ch1", DialRefusal.NoNumber)]
    [InlineData("4711", "ch9", DialRefusal.NoChannel)]
    public async Task What_cannot_be_called_says_why(string number, string channel, DialRefusal expected) =>
        Assert.Equal(expected, (await _dialer.DialAsync(number, channel, Dispatcher)).Refusal);

    [Fact]
    public async Task Who_asks_by_refer_for_another_number_hears_how_its_call_goes()
    {
        _directory.AddChannel("ch1", "7000");
        _sip.Registered.Add("phone1");
        var transferor = new SipCallId(5);
        _sip.Raise(new CallOffered(transferor, SipServerBenchAccount.Of("gw1", "unit"), "7000", Answer, IPAddress.Loopback));
        Assert.StartsWith("answer c5", await _sip.NextAsync(), StringComparison.Ordinal);
        _sip.Raise(new CallReferred(transferor, SipUri.Sip("4711", "192.0.2.1")));
        await _sip.NextAsync();
        var call = new SipCallId(1001);
        _sip.Tell(call, new CallEnded(call, CallEndReason.Refused) { Status = 486 });
        Assert.Equal("notify c5 486", await _sip.NextAsync());
    }

    internal sealed class QuietJournal : IJournal
    {
        public void Append(JournalEvent entry)
        {
        }

        public Task<IReadOnlyList<JournalEvent>> Read(long afterId, int limit) => Task.FromResult<IReadOnlyList<JournalEvent>>([]);

        public Task<IReadOnlyList<JournalEvent>> ReadLast(int limit) => Task.FromResult<IReadOnlyList<JournalEvent>>([]);
    }

    private static class SipServerBenchAccount
    {
        public static SipAccount Of(string id, string unit) => new(id, unit, false, new Comms.Signaling.Sip.Digest.DigestVerifiers(null, null));
    }
}
