using System.Net;
using System.Threading.Channels;
using Comms.Grains.Contracts;
using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Signaling.Sip;
using Comms.Signaling.Sip.Dialog;
using Comms.Signaling.Sip.Message;
using Comms.Signaling.Sip.OfferAnswer;

namespace Comms.Signaling.Bridges;

/// <summary>
/// One SIP call in a channel: opens its leg, joins the channel, turns digits into presses, and takes all of it back when
/// the call ends. Its inputs are handled one after the other on a task of its own.
/// </summary>
internal sealed partial class SipChannelCall(SipCallSubject subject, SipCallServices services)
{
    private const byte StarDigit = 10;
    private const byte PoundDigit = 11;

    /// <summary>More inputs than this at a time come from no human and no working gateway; the call is hung up.</summary>
    private const int MaxInputs = 64;

    private readonly Channel<SipCallInput> _inputs = System.Threading.Channels.Channel.CreateBounded<SipCallInput>(MaxInputs);
    private readonly string _owner = subject.UnitId;
    private readonly ILogger _log = services.Log;
    private string _channelId = "";
    private SessionId _session;
    private bool _hasLeg;
    private IPAddress? _remoteAddress = subject.RemoteAddress;
    private LocalAudio? _audio;
    private bool _isOfferOurs;
    private volatile bool _isTalking;
    private readonly TaskCompletionSource<int> _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isOver;
    private volatile SipCallStage _stage;
    private volatile CallEnded? _ending;

    public string ChannelId => _channelId;

    public SipCallStage Stage => _isOver ? SipCallStage.Ended : _stage;

    /// <summary>How a call that we placed ended; null before that.</summary>
    public CallEnded? Ending => _ending;

    /// <summary>The final status of a call that we placed: 200 once it is up, else the refusal's, or 480.</summary>
    public Task<int> Settled => _settled.Task;

    private SipCallId Call { get; set; }

    private FloorParty Party => new(_channelId, _owner, _session, new Actor(subject.AccountId, _owner, "sip"));

    /// <summary>A call that came in; into the channel of its number, or into the given one.</summary>
    public void Start(CallOffered offer, string? channelId)
    {
        Call = offer.Call;
        _ = Task.Run(() => RunAsync(() => OpenAsync(offer, channelId)));
    }

    public void StartPlaced(PlacedCall placed)
    {
        _channelId = placed.ChannelId;
        _ = Task.Run(() => RunAsync(() => PlaceAsync(placed.Invite)));
    }

    /// <summary>Ends the call from our side.</summary>
    public void HangUp() => services.Sip.HangUp(Call);

    public void Post(SipCallInput input)
    {
        if (!_inputs.Writer.TryWrite(input))
        {
            services.Sip.HangUp(Call);
        }
    }

    /// <summary>The call is over: what is open is closed after the inputs before it.</summary>
    public void End()
    {
        _isOver = true;
        _settled.TrySetResult(_ending is { Status: > 0 } ending ? ending.Status : SipStatus.TemporarilyUnavailable);
        _inputs.Writer.TryComplete();
    }

    public SipCallSnapshot Snapshot() =>
        new(Call.ToString(), _session.ToString(), subject.AccountId, _owner, _channelId, _isTalking);

    private async Task RunAsync(Func<Task> begin)
    {
        try
        {
            await begin().ConfigureAwait(false);
            await foreach (var input in _inputs.Reader.ReadAllAsync().ConfigureAwait(false))
            {
                await HandleAsync(input).ConfigureAwait(false);
            }
        }
        catch (Exception error)
        {
            LogDefect(error, Call);
            services.Sip.Reject(Call, SipStatus.ServerInternalError);
            services.Sip.HangUp(Call);
        }

        await CloseAsync().ConfigureAwait(false);
    }

    private async Task OpenAsync(CallOffered offer, string? channelId)
    {
        if ((channelId ?? services.Directory.FindChannel(offer.Number)?.Id) is not { Length: > 0 } channel)
        {
            Refuse(SipStatus.NotFound, "no channel of that number");
            return;
        }

        _channelId = channel;
        if (await services.Directory.GetRightAsync(channel, _owner).ConfigureAwait(false) < ChannelRight.Listen)
        {
            Refuse(SipStatus.Forbidden, "no right in the channel");
            return;
        }

        // A caller may cancel while its right is looked up.
        if (_isOver || !TryReadOffer(offer.Sdp, out var peer))
        {
            return;
        }

        var opened = await services.Media.OpenRtpLegAsync(LegOf(peer)).ConfigureAwait(false);
        if (!opened.IsOk)
        {
            Refuse(SipStatus.ServiceUnavailable, opened.Refusal.ToString());
            return;
        }

        _session = opened.Value!.Session;
        _hasLeg = true;
        services.LegOpened(_session, this);
        var joined = await services.Floor.JoinAsync(Party, slot: 0).ConfigureAwait(false);
        if (!joined.IsOk)
        {
            Refuse(SipStatus.Forbidden, "no right in the channel");
            return;
        }

        _audio = new LocalAudio(opened.Value, Call.Value);
        _stage = SipCallStage.Up;
        AnswerWith(peer);
        LogJoined(Call, _session, _owner, _channelId);
    }

    private async Task PlaceAsync(OutgoingInvite invite)
    {
        if (await services.Directory.GetRightAsync(_channelId, _owner).ConfigureAwait(false) < ChannelRight.Listen)
        {
            Fail(SipStatus.Forbidden);
            return;
        }

        var opened = await services.Media.OpenRtpLegAsync(LegOf(null)).ConfigureAwait(false);
        if (!opened.IsOk)
        {
            Fail(SipStatus.ServiceUnavailable);
            return;
        }

        _session = opened.Value!.Session;
        _hasLeg = true;
        _audio = new LocalAudio(opened.Value, _session.Value);
        Call = services.Sip.Place(invite with { Sdp = _audio.Offer() }, OnPlaced);
    }

    // On the SIP core's thread.
    private void OnPlaced(SipServerEvent happening)
    {
        switch (happening)
        {
            case CallRinging:
                _stage = SipCallStage.Ringing;
                break;
            case CallAnswered answered:
                Post(new SipCallInput.Answered(answered.Sdp, answered.Route.Flow.Remote.Address));
                break;
            case CallReoffered reoffered:
                Post(new SipCallInput.Reoffered(reoffered.Sdp, reoffered.RemoteAddress));
                break;
            case CallInfo info when DtmfInfo.TryRead(info.ContentType, info.Body.Span, out var key):
                Post(new SipCallInput.Digit(key));
                break;
            case CallReferred referred:
                services.Sip.NotifyReferred(referred.Call, SipStatus.Decline);
                break;
            case CallEnded ended:
                _ending = ended;
                End();
                break;
        }
    }

    private async Task TakeCallAsync(SipCallInput.Answered answered)
    {
        _remoteAddress = answered.RemoteAddress;
        services.LegOpened(_session, this);
        _isOfferOurs = true;
        await TakeAnswerAsync(answered.Sdp).ConfigureAwait(false);
        if (_isOver)
        {
            return;
        }

        if (!(await services.Floor.JoinAsync(Party, slot: 0).ConfigureAwait(false)).IsOk)
        {
            services.Sip.HangUp(Call);
            return;
        }

        _stage = SipCallStage.Up;
        _settled.TrySetResult(SipStatus.Ok);
        LogJoined(Call, _session, _owner, _channelId);
    }

    // The call was never placed.
    private void Fail(int status)
    {
        LogRefused(Call, status, "not placed");
        _ending = new CallEnded(Call, CallEndReason.Refused) { Status = status };
        End();
    }

    private async Task HandleAsync(SipCallInput input)
    {
        switch (input)
        {
            case SipCallInput.Digit { Code: StarDigit }:
                await PressAsync().ConfigureAwait(false);
                break;
            case SipCallInput.Digit { Code: PoundDigit }:
                await ReleaseAsync(FloorReleaseCause.Released).ConfigureAwait(false);
                break;
            case SipCallInput.Reoffered reoffered:
                _remoteAddress = reoffered.RemoteAddress ?? _remoteAddress;
                await ReofferAsync(reoffered.Sdp).ConfigureAwait(false);
                break;
            case SipCallInput.Answered answered:
                await TakeCallAsync(answered).ConfigureAwait(false);
                break;
            case SipCallInput.Acknowledged acknowledged when _isOfferOurs:
                await TakeAnswerAsync(acknowledged.Sdp).ConfigureAwait(false);
                break;
            case SipCallInput.Revoked revoked:
                // A phone cannot be told to stop: it gives the floor back at once, whatever grace there is.
                LogRevoked(Call, _owner, revoked.Burst, revoked.Cause);
                await (_isTalking ? ReleaseAsync(FloorReleaseCause.Released) : Task.CompletedTask).ConfigureAwait(false);
                break;
            case SipCallInput.Granted granted:
                _isTalking = true;
                LogGranted(Call, _owner, _channelId, granted.Burst);
                break;
            case SipCallInput.Inactive:
                LogInactive(Call, _channelId);
                services.Sip.HangUp(Call);
                break;
            case SipCallInput.LegEnded ended:
                LogLegEnded(Call, ended.Reason);
                services.Sip.HangUp(Call);
                break;
            case SipCallInput.PutOut:
                services.Sip.HangUp(Call);
                break;
        }
    }

    private async Task PressAsync()
    {
        if (_audio is null)
        {
            return;
        }

        var reply = await services.Floor.PressAsync(Party).ConfigureAwait(false);
        _isTalking = reply.Decision == FloorDecision.Granted;
        if (_isTalking)
        {
            LogGranted(Call, _owner, _channelId, reply.BurstId);
        }
        else if (reply.Decision == FloorDecision.Queued)
        {
            LogQueued(Call, _owner, _channelId, reply.Position);
        }
        else
        {
            LogDenied(Call, _owner, _channelId, reply.DenyCause, reply.Holder?.UnitId);
        }
    }

    private Task ReleaseAsync(FloorReleaseCause cause)
    {
        _isTalking = false;
        return _audio is null ? Task.CompletedTask : services.Floor.ReleaseAsync(Party, cause);
    }

    private async Task ReofferAsync(ReadOnlyMemory<byte> sdp)
    {
        if (_audio is null || !TryReadOffer(sdp, out var peer))
        {
            return;
        }

        if (peer is not null && !await ApplyAsync(peer).ConfigureAwait(false))
        {
            services.Sip.Reject(Call, SipStatus.ServiceUnavailable);
            return;
        }

        AnswerWith(peer);
    }

    private async Task TakeAnswerAsync(ReadOnlyMemory<byte> sdp)
    {
        _isOfferOurs = false;
        var refusal = AudioDescription.TryRead(sdp.Span, out var peer);
        if (refusal != AudioRefusal.None || !await ApplyAsync(peer!).ConfigureAwait(false))
        {
            LogRefused(Call, 0, refusal.ToString());
            services.Sip.HangUp(Call);
        }
    }

    // A peer that no longer sends cannot be talking.
    private async Task<bool> ApplyAsync(AudioDescription peer)
    {
        if (!peer.MayReceive && _isTalking)
        {
            await ReleaseAsync(FloorReleaseCause.TalkerSilent).ConfigureAwait(false);
        }

        return await services.Media.UpdateRtpLegAsync(_session, LegOf(peer)).ConfigureAwait(false);
    }

    private void AnswerWith(AudioDescription? peer)
    {
        _isOfferOurs = peer is null;
        services.Sip.Answer(Call, peer is null ? _audio!.Offer() : _audio!.Answer(peer));
    }

    private RtpLegParameters LegOf(AudioDescription? peer) => (peer?.ToLeg(subject.LocalAddress, _owner) ?? NoLeg) with
    {
        SignalingAddress = _remoteAddress,
    };

    // Until the peer's answer comes, a leg of an offer of ours neither sends nor takes anything.
    private RtpLegParameters NoLeg => new()
    {
        Codec = RtpLegCodec.Pcma, Remote = new IPEndPoint(IPAddress.Any, 0), MaySend = false, MayReceive = false,
        LocalAddress = subject.LocalAddress, Owner = _owner,
    };

    // Null with true: the peer leaves the offer to us.
    private bool TryReadOffer(ReadOnlyMemory<byte> sdp, out AudioDescription? peer)
    {
        peer = null;
        if (sdp.IsEmpty)
        {
            return true;
        }

        var refusal = AudioDescription.TryRead(sdp.Span, out peer);
        if (refusal == AudioRefusal.None)
        {
            return true;
        }

        var status = refusal == AudioRefusal.Malformed ? SipStatus.BadRequest : SipStatus.NotAcceptableHere;
        var warning = refusal == AudioRefusal.NoCodec ? "305 comms \"PCMA or PCMU is needed\"" : "304 comms \"audio over RTP/AVP is needed\"";
        LogRefused(Call, status, refusal.ToString());
        services.Sip.Reject(Call, status, refusal == AudioRefusal.Malformed ? null : warning);
        return false;
    }

    private void Refuse(int status, string why)
    {
        LogRefused(Call, status, why);
        services.Sip.Reject(Call, status);
    }

    private async Task CloseAsync()
    {
        if (!_hasLeg)
        {
            return;
        }

        services.LegClosed(_session);
        try
        {
            await services.Floor.SessionEndedAsync(_session).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            LogDefect(error, Call);
        }

        await services.Media.CloseSessionAsync(_session).ConfigureAwait(false);
    }

    [LoggerMessage(4101, LogLevel.Information, "Call {Call} joined: leg {Session} of unit {UnitId} in channel {ChannelId}")]
    private partial void LogJoined(SipCallId call, SessionId session, string unitId, string channelId);

    [LoggerMessage(4102, LogLevel.Information, "Call {Call} refused with {Status}: {Why}")]
    private partial void LogRefused(SipCallId call, int status, string why);

    [LoggerMessage(4103, LogLevel.Information, "Call {Call}: unit {UnitId} is granted the floor of {ChannelId}, burst {Burst}")]
    private partial void LogGranted(SipCallId call, string unitId, string channelId, long burst);

    [LoggerMessage(4104, LogLevel.Information, "Call {Call}: unit {UnitId} is denied the floor of {ChannelId}: {Cause}, held by {Holder}")]
    private partial void LogDenied(SipCallId call, string unitId, string channelId, FloorDenyCause cause, string? holder);

    [LoggerMessage(4105, LogLevel.Information, "Call {Call}: burst {Burst} of unit {UnitId} is revoked: {Cause}")]
    private partial void LogRevoked(SipCallId call, string unitId, long burst, FloorRevokeCause cause);

    [LoggerMessage(4106, LogLevel.Information, "Call {Call}: its leg ended ({Reason}), so it is hung up")]
    private partial void LogLegEnded(SipCallId call, SessionEndReason reason);

    [LoggerMessage(4108, LogLevel.Information, "Call {Call}: unit {UnitId} waits for the floor of {ChannelId}, place {Position}")]
    private partial void LogQueued(SipCallId call, string unitId, string channelId, int position);

    [LoggerMessage(4109, LogLevel.Information, "Call {Call}: nobody talked in {ChannelId} for its idle limit, so it is hung up")]
    private partial void LogInactive(SipCallId call, string channelId);

    [LoggerMessage(4107, LogLevel.Error, "Call {Call} failed and is hung up")]
    private partial void LogDefect(Exception error, SipCallId call);
}
