using System.Net;
using System.Text;
using Comms.Grains.Contracts;
using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Signaling.Bridges;
using Comms.Signaling.Sip;
using Comms.Signaling.Sip.Dialog;
using Comms.Signaling.Sip.Digest;
using Comms.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Comms.Signaling.Tests.Bridges;

public sealed class SipCallBridgeTests : IDisposable
{
    private const string Sdp = "v=0\r\no=- 1 1 IN IP4 192.0.2.77\r\ns=-\r\nc=IN IP4 192.0.2.77\r\nt=0 0\r\n"
        + "m=audio 40000 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n";

    private readonly RecordingSipCalls _sip = new();
    private readonly RecordingLegNode _media = new();
    private readonly RecordingFloorBridge _floor = new();
    private readonly TableSipDirectory _directory = new("comms");
    private readonly SipCallBridge _bridge;
    private long _lastCall;

    public SipCallBridgeTests()
    {
        _directory.AddChannel("ch1", "7000");
        _directory.SetRight("ch1", "unit", ChannelRight.Talk);
        _bridge = new SipCallBridge(_sip, _directory, _media, _media, _floor, NullLogger<SipCallBridge>.Instance);
    }

    public void Dispose() => _bridge.Dispose();

    [Fact]
    public async Task A_call_gets_a_leg_joins_its_channel_and_is_answered()
    {
        await JoinAsync();
        var leg = Assert.Single(_media.Legs).Value;
        Assert.Equal(RtpLegCodec.Pcma, leg.Codec);
        Assert.Equal(101, leg.TelephoneEventPayloadType);
        Assert.Equal(new IPEndPoint(IPAddress.Parse("192.0.2.77"), 40_000), leg.Remote);
        Assert.Equal(["join ch1 unit"], _floor.Asked);
        Assert.Equal("ch1", Assert.Single(_bridge.Snapshot()).ChannelId);
    }

    [Theory]
    [InlineData("7001", "unit", Sdp, 404)]
    [InlineData("7000", "stranger", Sdp, 403)]
    [InlineData("7000", "unit", "nonsense", 400)]
    [InlineData("7000", "unit", "v=0\r\nc=IN IP4 192.0.2.77\r\nm=audio 4000 RTP/AVP 18\r\n", 488)]
    public async Task A_call_that_cannot_be_joined_is_refused(string number, string unit, string sdp, int expected)
    {
        var call = Offer(number, unit, sdp);
        Assert.Equal($"reject {call} {expected}", await _sip.NextAsync());
        Assert.Empty(_media.Legs);
    }

    [Fact]
    public async Task Without_a_free_port_the_call_is_refused_with_503()
    {
        _media.Refusal = MediaRefusal.NoPort;
        Assert.Equal($"reject {Offer()} 503", await _sip.NextAsync());
    }

    [Fact]
    public async Task A_join_refused_late_gives_403_and_closes_the_leg()
    {
        _floor.Right = ChannelRight.None;
        var call = Offer();
        Assert.Equal($"reject {call} 403", await _sip.NextAsync());
        _sip.Raise(new CallEnded(call, CallEndReason.Rejected));
        await UntilAsync(() => _media.Legs.IsEmpty);
    }

    [Fact]
    public async Task Star_presses_and_pound_releases()
    {
        await JoinAsync();
        var session = _media.Legs.Keys.Single();
        _media.Press(session, 10);
        await UntilAsync(() => _floor.Holder is not null);
        Assert.Equal("unit", _floor.Holder!.UnitId);
        await UntilAsync(() => _bridge.Snapshot()[0].IsTalking);
        _media.Press(session, 5);
        _media.Press(session, 11);
        await UntilAsync(() => _floor.Holder is null);
        Assert.Equal(["join ch1 unit", "press ch1 unit", "release ch1 unit Released"], _floor.Asked);
    }

    [Fact]
    public async Task A_denied_press_leaves_the_call_silent_and_alive()
    {
        await _floor.PressAsync(new FloorParty("ch1", "other", new SessionId(99), Actor.System));
        var call = await JoinAsync();
        _media.Press(_media.Legs.Keys.Single(), 10);
        await UntilAsync(() => _floor.Asked.Count == 3);
        Assert.Equal("other", _floor.Holder!.UnitId);
        Assert.False(_bridge.Snapshot()[0].IsTalking);
        Assert.Equal(call.ToString(), _bridge.Snapshot()[0].Call);
    }

    [Fact]
    public async Task A_waiting_call_keeps_its_place_without_a_held_key_until_it_is_granted_or_pound_is_pressed()
    {
        _floor.IsQueueing = true;
        await _floor.PressAsync(new FloorParty("ch1", "other", new SessionId(99), Actor.System));
        await JoinAsync();
        var session = _media.Legs.Keys.Single();
        _media.Press(session, 10);
        await UntilAsync(() => _floor.Asked.Count == 3);
        Assert.False(_bridge.Snapshot()[0].IsTalking);

        _floor.Grant(new FloorParty("ch1", "unit", session, Actor.System));
        await UntilAsync(() => _bridge.Snapshot()[0].IsTalking);
        _media.Press(session, 11);
        await UntilAsync(() => _floor.Asked.Contains("release ch1 unit Released"));
        Assert.False(_bridge.Snapshot()[0].IsTalking);
        Assert.Single(_floor.Asked, asked => asked.StartsWith("release", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_call_whose_floor_is_revoked_gives_it_back_at_once()
    {
        await JoinAsync();
        var session = _media.Legs.Keys.Single();
        _media.Press(session, 10);
        await UntilAsync(() => _bridge.Snapshot()[0].IsTalking);
        _floor.Revoke(_floor.Holder!, FloorRevokeCause.Preempted);
        await UntilAsync(() => _floor.Holder is null);
        Assert.False(_bridge.Snapshot()[0].IsTalking);
    }

    [Fact]
    public async Task Calls_end_when_their_channel_falls_inactive_once()
    {
        var call = await JoinAsync();
        var floor = new FloorState("ch1", 1, null, 0, default, FloorRevokeCause.None, 1, IsInactive: true);
        _floor.Change(floor with { ChannelId = "ch2" });
        _floor.Change(floor);
        Assert.Equal($"hangup {call}", await _sip.NextAsync());
    }

    [Fact]
    public async Task The_end_of_a_call_closes_leg_membership_and_floor()
    {
        var call = await JoinAsync();
        var session = _media.Legs.Keys.Single();
        _media.Press(session, 10);
        await UntilAsync(() => _floor.Holder is not null);
        _sip.Raise(new CallEnded(call, CallEndReason.RemoteBye));
        await UntilAsync(() => _media.Legs.IsEmpty);
        Assert.Null(_floor.Holder);
        Assert.Contains($"ended {session}", _floor.Asked);
        Assert.Equal(0, _bridge.Count);
    }

    [Fact]
    public async Task A_call_cancelled_while_its_right_is_looked_up_never_joins()
    {
        _directory.HoldsRights = true;
        _sip.Raise(new CallEnded(Offer(), CallEndReason.Cancelled));
        _directory.HoldsRights = false;
        await JoinAsync();
        Assert.Equal(["join ch1 unit"], _floor.Asked);
        Assert.Single(_media.Legs);
    }

    [Fact]
    public async Task An_account_that_is_put_out_is_unregistered_and_hung_up()
    {
        var call = await JoinAsync();
        _bridge.PutOut("gw1");
        Assert.Equal("unregister gw1", await _sip.NextAsync());
        Assert.Equal($"hangup {call}", await _sip.NextAsync());
    }

    [Fact]
    public async Task Legs_are_told_when_they_open_and_close()
    {
        var told = new List<string>();
        _bridge.LegOpened += call => told.Add("open " + call.UnitId);
        _bridge.LegClosed += call => told.Add("closed " + call.UnitId);
        var call = await JoinAsync();
        _sip.Raise(new CallEnded(call, CallEndReason.RemoteBye));
        await UntilAsync(() => _media.Legs.IsEmpty);
        Assert.Equal(["open unit", "closed unit"], told);
    }

    [Fact]
    public async Task A_leg_without_rtp_hangs_up_the_call()
    {
        var call = await JoinAsync();
        _media.EndLeg(_media.Legs.Keys.Single(), SessionEndReason.Timeout);
        Assert.Equal($"hangup {call}", await _sip.NextAsync());
    }

    [Fact]
    public async Task A_unit_put_out_of_the_channel_is_hung_up_within_the_call()
    {
        var call = await JoinAsync();
        var party = new FloorParty("ch1", "unit", _media.Legs.Keys.Single(), Actor.System);
        _floor.ChangeRight(party, ChannelRight.Listen);
        _floor.ChangeRight(party, ChannelRight.None);
        Assert.Equal($"hangup {call}", await _sip.NextAsync());
    }

    [Fact]
    public async Task A_hold_changes_the_leg_and_ends_the_talk()
    {
        var call = await JoinAsync();
        _media.Press(_media.Legs.Keys.Single(), 10);
        await UntilAsync(() => _bridge.Snapshot()[0].IsTalking);
        _sip.Raise(new CallReoffered(call, Encoding.ASCII.GetBytes(Sdp + "a=inactive\r\n")));
        var answer = await _sip.NextAsync();
        Assert.Contains("a=inactive", answer, StringComparison.Ordinal);
        Assert.Contains("o=- 1 2 ", answer, StringComparison.Ordinal);
        Assert.False(_media.Legs.Values.Single().MaySend);
        Assert.Null(_floor.Holder);
        _sip.Raise(new CallReoffered(call, Encoding.ASCII.GetBytes(Sdp.Replace("40000", "40010", StringComparison.Ordinal))));
        Assert.Contains("a=sendrecv", await _sip.NextAsync(), StringComparison.Ordinal);
        Assert.Equal(40_010, _media.Legs.Values.Single().Remote.Port);
    }

    [Fact]
    public async Task A_re_invite_without_a_common_codec_is_refused_and_the_call_goes_on()
    {
        var call = await JoinAsync();
        _sip.Raise(new CallReoffered(call, Encoding.ASCII.GetBytes(Sdp.Replace("8 101", "18", StringComparison.Ordinal))));
        Assert.Equal($"reject {call} 488", await _sip.NextAsync());
        Assert.Equal(40_000, _media.Legs.Values.Single().Remote.Port);
    }

    [Fact]
    public async Task An_invite_without_offer_gets_ours_and_the_ack_decides()
    {
        var call = Offer(sdp: "");
        Assert.Contains("m=audio 30000 RTP/AVP 8 0 101", await _sip.NextAsync(), StringComparison.Ordinal);
        Assert.False(_media.Legs.Values.Single().MayReceive);
        _sip.Raise(new CallAcknowledged(call, Encoding.ASCII.GetBytes(Sdp)));
        await UntilAsync(() => _media.Legs.Values.Single().Remote.Port == 40_000);
        Assert.True(_media.Legs.Values.Single().MayReceive);
    }

    [Fact]
    public async Task An_ack_without_the_answer_it_owes_ends_the_call()
    {
        var call = Offer(sdp: "");
        await _sip.NextAsync();
        _sip.Raise(new CallAcknowledged(call, default));
        Assert.Equal($"hangup {call}", await _sip.NextAsync());
    }

    private async Task<SipCallId> JoinAsync()
    {
        var call = Offer();
        Assert.StartsWith($"answer {call} v=0", await _sip.NextAsync(), StringComparison.Ordinal);
        return call;
    }

    private SipCallId Offer(string number = "7000", string unit = "unit", string sdp = Sdp)
    {
        var call = new SipCallId(++_lastCall);
        var account = new SipAccount("gw1", unit, IsDisabled: false, new DigestVerifiers(null, null));
        _sip.Raise(new CallOffered(call, account, number, Encoding.ASCII.GetBytes(sdp), IPAddress.Loopback));
        return call;
    }

    private static Task UntilAsync(Func<bool> condition) => Eventually.TrueAsync(condition, "the condition of the test");
}
