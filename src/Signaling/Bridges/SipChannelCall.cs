using System.Net;
using System.Threading.Channels;
using Comms.Grains.Contracts;
using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Signaling.Sip;
using Comms.Signaling.Sip.Message;
using Comms.Signaling.Sip.OfferAnswer;

namespace Comms.Signaling.Bridges;

/// <summary>
/// One SIP call in a channel: opens its leg, joins the channel, turns digits into presses, and takes all of it back when
/// the call ends. Its inputs are handled one after the other on a task of its own.
/// </summary>
internal sealed partial class SipChannelCall(CallOffered offer, SipCallServices services)
{
    private const byte StarDigit = 10;
    private const byte PoundDigit = 11;

    /// <summary>More inputs than this at a time come from no human and no working gateway; the call is hung up.</summary>
    private const int MaxInputs = 64;

    private readonly Channel<SipCallInput> _inputs = System.Threading.Channels.Channel.CreateBounded<SipCallInput>(MaxInputs);
    private readonly string _owner = offer.Account.UnitId;
    private readonly ILogger _log = services.Log;
    private string _channelId = "";
    private SessionId _session;
    private bool _hasLeg;
    private IPAddress? _remoteAddress = offer.RemoteAddress;
    private LocalAudio? _audio;
    private bool _isOfferOurs;
    private volatile bool _isTalking;
    private volatile bool _isOver;

    private FloorParty Party => new(_channelId, _owner, _session, new Actor(offer.Account.Id, _owner, "sip"));

    public void Start() => _ = Task.Run(RunAsync);

    public void Post(SipCallInput input)
    {
        if (!_inputs.Writer.TryWrite(input))
        {
            services.Sip.HangUp(offer.Call);
        }
    }

    /// <summary>The call is over: what is open is closed after the inputs before it.</summary>
    public void End()
    {
        _isOver = true;
        _inputs.Writer.TryComplete();
    }

    public SipCallSnapshot Snapshot() =>
        new(offer.Call.ToString(), _session.ToString(), offer.Account.Id, _owner, _channelId, _isTalking);

    private async Task RunAsync()
    {
        try
        {
            await OpenAsync().ConfigureAwait(false);
            await foreach (var input in _inputs.Reader.ReadAllAsync().ConfigureAwait(false))
            {
                await HandleAsync(input).ConfigureAwait(false);
            }
        }
        catch (Exception error)
        {
            LogDefect(error, offer.Call);
            services.Sip.Reject(offer.Call, SipStatus.ServerInternalError);
            services.Sip.HangUp(offer.Call);
        }

        await CloseAsync().ConfigureAwait(false);
    }

    private async Task OpenAsync()
    {
        if (services.Directory.FindChannel(offer.Number) is not { } channel)
        {
            Refuse(SipStatus.NotFound, "no channel of that number");
            return;
        }

        _channelId = channel.Id;
        if (await services.Directory.GetRightAsync(channel.Id, _owner).ConfigureAwait(false) < ChannelRight.Listen)
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

        _audio = new LocalAudio(opened.Value, offer.Call.Value);
        AnswerWith(peer);
        LogJoined(offer.Call, _session, _owner, _channelId);
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
            case SipCallInput.Acknowledged acknowledged when _isOfferOurs:
                await TakeAnswerAsync(acknowledged.Sdp).ConfigureAwait(false);
                break;
            case SipCallInput.Revoked revoked:
                // A phone cannot be told to stop: it gives the floor back at once, whatever grace there is.
                LogRevoked(offer.Call, _owner, revoked.Burst, revoked.Cause);
                await (_isTalking ? ReleaseAsync(FloorReleaseCause.Released) : Task.CompletedTask).ConfigureAwait(false);
                break;
            case SipCallInput.Granted granted:
                _isTalking = true;
                LogGranted(offer.Call, _owner, _channelId, granted.Burst);
                break;
            case SipCallInput.Inactive:
                LogInactive(offer.Call, _channelId);
                services.Sip.HangUp(offer.Call);
                break;
            case SipCallInput.LegEnded ended:
                LogLegEnded(offer.Call, ended.Reason);
                services.Sip.HangUp(offer.Call);
                break;
            case SipCallInput.PutOut:
                services.Sip.HangUp(offer.Call);
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
            LogGranted(offer.Call, _owner, _channelId, reply.BurstId);
        }
        else if (reply.Decision == FloorDecision.Queued)
        {
            LogQueued(offer.Call, _owner, _channelId, reply.Position);
        }
        else
        {
            LogDenied(offer.Call, _owner, _channelId, reply.DenyCause, reply.Holder?.UnitId);
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
            services.Sip.Reject(offer.Call, SipStatus.ServiceUnavailable);
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
            LogRefused(offer.Call, 0, refusal.ToString());
            services.Sip.HangUp(offer.Call);
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
        services.Sip.Answer(offer.Call, peer is null ? _audio!.Offer() : _audio!.Answer(peer));
    }

    private RtpLegParameters LegOf(AudioDescription? peer) => (peer?.ToLeg(offer.LocalAddress, _owner) ?? NoLeg) with
    {
        SignalingAddress = _remoteAddress,
    };

    // Until the peer's answer comes, a leg of an offer of ours neither sends nor takes anything.
    private RtpLegParameters NoLeg => new()
    {
        Codec = RtpLegCodec.Pcma, Remote = new IPEndPoint(IPAddress.Any, 0), MaySend = false, MayReceive = false,
        LocalAddress = offer.LocalAddress, Owner = _owner,
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
        LogRefused(offer.Call, status, refusal.ToString());
        services.Sip.Reject(offer.Call, status, refusal == AudioRefusal.Malformed ? null : warning);
        return false;
    }

    private void Refuse(int status, string why)
    {
        LogRefused(offer.Call, status, why);
        services.Sip.Reject(offer.Call, status);
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
            LogDefect(error, offer.Call);
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
