using Comms.Media.Numbers;
using Comms.Signaling.Sip.Digest;
using Comms.Signaling.Sip.Message;
using Comms.Signaling.Sip.Transaction;

namespace Comms.Signaling.Sip.Dialog;

/// <summary>
/// One call, whoever placed it: the INVITE usage of its dialog. RFC 3261 §13.3 and §14. It repeats its 2xx until the ACK
/// comes, answers the peer's offers one at a time, makes its own and ends once. Sans-IO, owned by the SIP core's thread.
/// </summary>
public sealed class SipCall
{
    private readonly TransactionLayer _layer;
    private readonly SipTimers _timers;
    private readonly OwnOffer _own;
    private ServerTransaction? _pending;
    private ReliableProvisional? _ringing;
    private SessionAgreement _session = SessionAgreement.None;
    private ReadOnlyMemory<byte> _localSdp;
    private SipFlow _flow;
    private byte[]? _success;
    private uint _successSequence;
    private int _repeatMs;
    private Instant _repeatAt = Instant.Never;
    private Instant _giveUpAt = Instant.Never;
    private bool _byeWhenAcknowledged;
    private bool _takesUpdate;
    private bool _isRefreshing;
    private string? _cause;

    /// <summary>A call that a peer placed: its INVITE waits.</summary>
    internal SipCall(SipDialog dialog, InviteServerTransaction invite, TransactionLayer layer, SipTimers timers)
        : this(dialog, layer, timers, null, invite.Flow, ownsCallId: false)
    {
        _pending = invite;
        _takesUpdate = invite.Request.Headers.HasToken(SipHeaderNames.Allow, SipMethods.Update);
    }

    private SipCall(SipDialog dialog, TransactionLayer layer, SipTimers timers, ClientAuthorization? authorization, SipFlow flow, bool ownsCallId)
    {
        Dialog = dialog;
        _layer = layer;
        _timers = timers;
        _flow = flow;
        Requests = new DialogRequests(dialog, layer, authorization);
        _own = new OwnOffer(dialog, layer, Requests, ownsCallId) { Answered = HandleOwnAnswer };
    }

    public SipDialog Dialog { get; }

    public CallState State { get; private set; } = CallState.Offered;

    public CallEndReason? EndReason { get; private set; }

    /// <summary>The Reason header of the peer's BYE or CANCEL. RFC 3326.</summary>
    public string? EndCause { get; private set; }

    /// <summary>The INVITE, re-INVITE or UPDATE that waits for our answer; null when none does.</summary>
    public ServerTransaction? Pending => _pending;

    public Instant NextDeadline
    {
        get
        {
            var provisional = _ringing is { } ringing ? Instant.Min(ringing.RepeatAt, ringing.GiveUpAt) : Instant.Never;
            var session = Instant.Min(_session.EndsAt, _session.RefreshAt);
            return Instant.Min(Instant.Min(_repeatAt, _giveUpAt), Instant.Min(Instant.Min(session, provisional), IsFree ? _own.StartAt : Instant.Never));
        }
    }

    /// <summary>Our requests inside the dialog.</summary>
    internal DialogRequests Requests { get; }

    /// <summary>Told of the answer to an offer of ours: the SDP, or the status of its refusal.</summary>
    internal Action<int, ReadOnlyMemory<byte>> Reanswered { get; set; } = (_, _) => { };

    // An offer of ours may go out: no other is open on either side.
    private bool IsFree => State == CallState.Established && _pending is null && _success is null && !_own.IsPending;

    /// <summary>A call that we placed, acknowledged already.</summary>
    internal static SipCall Placed(
        CallDialog answered, ReadOnlyMemory<byte> sdp, ClientAuthorization? authorization, (TransactionLayer Layer, SipTimers Timers) core, Instant now) =>
        new(answered.Dialog, core.Layer, core.Timers, authorization, answered.Dialog.Flow, ownsCallId: true)
        {
            State = CallState.Established,
            _localSdp = sdp,
            _session = SessionTimer.Read(answered.Response, now),
            _takesUpdate = answered.Response.Headers.HasToken(SipHeaderNames.Allow, SipMethods.Update),
        };

    /// <summary>Sends 180 with the dialog's tag while the answer is prepared; reliably where the peer can (RFC 3262).</summary>
    internal void Ring(Instant now)
    {
        if (_pending is not InviteServerTransaction invite || State != CallState.Offered || _ringing is not null)
        {
            return;
        }

        var response = Answer(invite.Request, SipStatus.Ringing);
        var isReliable = invite.Request.Headers.HasToken(SipHeaderNames.Supported, SipCapabilities.ReliableProvisionals)
            || invite.Request.Headers.HasToken(SipHeaderNames.Require, SipCapabilities.ReliableProvisionals);
        if (isReliable)
        {
            _ringing = new ReliableProvisional(invite, response, _layer, _timers, now);
        }
        else
        {
            _layer.Respond(invite, response, now);
        }
    }

    /// <summary>Answers the pending INVITE, re-INVITE or UPDATE with 200 and that SDP. False: nothing is pending (it was cancelled).</summary>
    internal bool Accept(ReadOnlyMemory<byte> sdp, Instant now)
    {
        if (_pending is not { } transaction || State == CallState.Ended)
        {
            return false;
        }

        var response = Answer(transaction.Request, SipStatus.Ok);
        response.Headers.Add(SipHeaderNames.Allow, SipCapabilities.Allow);
        _session = SessionTimer.Agree(transaction.Request, response, now);
        response.SetBody(SipCapabilities.SdpType, sdp);
        _localSdp = sdp;
        _pending = null;
        _flow = transaction.Flow;
        _ringing?.Stop();
        if (transaction is InviteServerTransaction)
        {
            _success = SipMessageWriter.Write(response);
            _successSequence = transaction.Request.CSeq.Number;
            _repeatMs = _timers.T1Ms;
            _repeatAt = now.AddMs(_repeatMs);
            _giveUpAt = now.AddMs(_timers.TransactionMs);
        }

        _layer.Respond(transaction, response, now);
        State = State == CallState.Offered ? CallState.Accepted : State;
        return true;
    }

    /// <summary>Refuses the pending INVITE, which ends the call, or the pending re-INVITE or UPDATE, which leaves it as it was.</summary>
    internal void Reject(int status, Instant now, string? warning = null)
    {
        if (_pending is not { } transaction)
        {
            return;
        }

        _pending = null;
        _ringing?.Stop();
        var response = Answer(transaction.Request, status);
        if (warning is not null)
        {
            response.Headers.Add("Warning", warning);
        }

        _layer.Respond(transaction, response, now);
        if (State == CallState.Offered)
        {
            End(status == SipStatus.RequestTerminated ? CallEndReason.Cancelled : CallEndReason.Rejected);
        }
    }

    /// <summary>Offers other media to the peer, as soon as no other offer is open. False: the call is not established.</summary>
    internal bool Reoffer(ReadOnlyMemory<byte> sdp, Instant now)
    {
        if (State != CallState.Established)
        {
            return false;
        }

        _localSdp = sdp;
        _isRefreshing = false;
        _own.Want(sdp, now);
        StartOwnOffer(now);
        return true;
    }

    /// <summary>
    /// A re-INVITE, or an UPDATE with an offer. False: it was answered here: with 491 while an offer of ours is open, with 500
    /// while the peer's own is not finished (RFC 3261 §14.2, RFC 3311 §5.2), or with 400 for a bad Contact.
    /// </summary>
    internal bool HandleReInvite(ServerTransaction offer, Instant now)
    {
        var isBusy = _pending is not null || _success is not null;
        if (!isBusy && !_own.IsPending && State != CallState.Ended && Dialog.RefreshTarget(offer.Request))
        {
            _pending = offer;
            return true;
        }

        var status = _own.IsPending ? SipStatus.RequestPending : isBusy ? SipStatus.ServerInternalError : SipStatus.BadRequest;
        var response = Answer(offer.Request, status);
        if (status == SipStatus.ServerInternalError)
        {
            response.Headers.Add(SipHeaderNames.RetryAfter, "2");
        }

        _layer.Respond(offer, response, now);
        return false;
    }

    /// <summary>An UPDATE without an offer: a new target, or a refresh of the session.</summary>
    internal void HandleRefresh(ServerTransaction update, Instant now)
    {
        var isGood = Dialog.RefreshTarget(update.Request);
        var response = Answer(update.Request, isGood ? SipStatus.Ok : SipStatus.BadRequest);
        if (isGood)
        {
            _session = SessionTimer.Agree(update.Request, response, now);
        }

        _layer.Respond(update, response, now);
    }

    /// <summary>A PRACK: 200 when it is for our open provisional answer, 481 otherwise. RFC 3262 §3.</summary>
    internal void HandlePrack(ServerTransaction prack, Instant now)
    {
        var isKnown = _ringing?.TryAcknowledge(prack.Request) == true;
        _layer.Respond(prack, SipResponse.For(prack.Request, isKnown ? SipStatus.Ok : SipStatus.CallDoesNotExist), now);
    }

    /// <summary>An ACK of this dialog. True when it acknowledges the newest 200 for the first time.</summary>
    internal bool HandleAck(SipRequest ack, Instant now)
    {
        if (_success is null || ack.CSeq.Number != _successSequence)
        {
            return false;
        }

        StopRepeating();
        if (State == CallState.Accepted)
        {
            State = CallState.Established;
        }

        if (_byeWhenAcknowledged)
        {
            SendBye(CallEndReason.LocalBye, now);
        }

        StartOwnOffer(now);
        return true;
    }

    /// <summary>A BYE of this dialog: an INVITE that still waits gets 487. RFC 3261 §15.1.2.</summary>
    internal void HandleBye(ServerTransaction bye, Instant now)
    {
        EndCause = bye.Request.Headers.First(SipHeaderNames.Reason);
        _layer.Respond(bye, SipResponse.For(bye.Request, SipStatus.Ok), now);
        EndPending(now);
        End(CallEndReason.RemoteBye);
    }

    /// <summary>A CANCEL of the pending INVITE. RFC 3261 §9.2: after a final answer it changes nothing.</summary>
    internal void HandleCancel(InviteServerTransaction invite, Instant now, string? cause = null)
    {
        if (ReferenceEquals(_pending, invite))
        {
            EndCause = cause;
            Reject(SipStatus.RequestTerminated, now);
        }
    }

    /// <summary>
    /// Ends the call from our side: BYE, or a refusal while it is not answered. Before the ACK no BYE may be sent
    /// (RFC 3261 §15), so it waits for the ACK or its timeout. <paramref name="cause"/> becomes the Reason header.
    /// </summary>
    internal void HangUp(CallEndReason reason, Instant now, string? cause = null)
    {
        _cause ??= cause;
        switch (State)
        {
            case CallState.Offered:
                Reject(SipStatus.ServiceUnavailable, now);
                break;
            case CallState.Accepted when reason != CallEndReason.Stopping:
                _byeWhenAcknowledged = true;
                break;
            case CallState.Accepted or CallState.Established:
                SendBye(reason, now);
                break;
        }
    }

    /// <summary>The peer no longer knows the dialog, or cannot be reached: nothing more is sent.</summary>
    internal void HandlePeerGone() => End(CallEndReason.PeerGone);

    internal void HandleTimeout(Instant now)
    {
        if (_ringing is { } ringing && ringing.GiveUpAt <= now)
        {
            Reject(SipStatus.ServerTimeout, now);
        }
        else if (_giveUpAt <= now)
        {
            StopRepeating();
            SendBye(_byeWhenAcknowledged ? CallEndReason.LocalBye : CallEndReason.NoAck, now);
        }
        else if (_session.EndsAt <= now)
        {
            SendBye(CallEndReason.SessionExpired, now);
        }
        else if (_session.RefreshAt <= now)
        {
            Refresh(now);
        }
        else if (_repeatAt <= now && _success is not null)
        {
            _layer.Outputs.Send(_flow, _success);
            _repeatMs = Math.Min(_repeatMs * 2, _timers.T2Ms);
            _repeatAt = now.AddMs(_repeatMs);
        }
        else if (_ringing is { } repeated && repeated.RepeatAt <= now)
        {
            repeated.Repeat(now);
        }
        else if (_own.StartAt <= now)
        {
            StartOwnOffer(now);
        }
    }

    private SipResponse Answer(SipRequest request, int status)
    {
        var response = SipResponse.For(request, status, Dialog.Id.LocalTag);
        if (status is > SipStatus.Trying and < 300)
        {
            foreach (var route in request.Headers.All(SipHeaderNames.RecordRoute))
            {
                response.Headers.Add(SipHeaderNames.RecordRoute, route);
            }

            response.Headers.Add(SipHeaderNames.Contact, SipCapabilities.ContactOf(_flow));
        }

        return response;
    }

    // RFC 4028 §7.4: by UPDATE where the peer takes it, else by a re-INVITE with the session as it is.
    private void Refresh(Instant now)
    {
        _session = _session with { RefreshAt = Instant.Never };
        if (_takesUpdate)
        {
            List<SipHeader> headers = [.. SessionTimer.RefreshHeaders(_session.Seconds), new(SipHeaderNames.Contact, SipCapabilities.ContactOf(Dialog.Flow))];
            Requests.Send(SipMethods.Update, DialogBody.With(headers), now, (_, response, at) => HandleRefreshAnswer(response, at));
        }
        else if (_own.StartAt == Instant.Never && !_own.IsPending)
        {
            _isRefreshing = true;
            _own.Want(_localSdp, now);
            StartOwnOffer(now);
        }
    }

    private void HandleRefreshAnswer(SipResponse? response, Instant now)
    {
        if (IsGone(response))
        {
            HandlePeerGone();
        }
        else if (response is { IsSuccess: true } && State != CallState.Ended)
        {
            _session = SessionTimer.Read(response, now);
        }
    }

    private void StartOwnOffer(Instant now)
    {
        if (IsFree && _own.StartAt <= now)
        {
            _own.Start(_session.Seconds > 0 ? SessionTimer.RefreshHeaders(_session.Seconds) : [], now);
        }
    }

    private void HandleOwnAnswer(SipResponse? response, Instant now)
    {
        HandleRefreshAnswer(response, now);
        if (State != CallState.Ended && !_isRefreshing)
        {
            Reanswered(response!.Status, response.IsSuccess ? response.Body : ReadOnlyMemory<byte>.Empty);
        }
    }

    // RFC 3261 §12.2.1.2, RFC 5057.
    private static bool IsGone(SipResponse? response) => response is null or { Status: SipStatus.CallDoesNotExist or SipStatus.RequestTimeout };

    private void SendBye(CallEndReason reason, Instant now)
    {
        Requests.Send(SipMethods.Bye, _cause is null ? DialogBody.None : DialogBody.With(new SipHeader(SipHeaderNames.Reason, _cause)), now);
        EndPending(now);
        End(reason);
    }

    private void EndPending(Instant now)
    {
        if (_pending is { } transaction)
        {
            _pending = null;
            _layer.Respond(transaction, Answer(transaction.Request, SipStatus.RequestTerminated), now);
        }
    }

    private void StopRepeating()
    {
        _success = null;
        _repeatAt = Instant.Never;
        _giveUpAt = Instant.Never;
    }

    private void End(CallEndReason reason)
    {
        StopRepeating();
        _ringing?.Stop();
        _session = SessionAgreement.None;
        EndReason ??= reason;
        State = CallState.Ended;
    }
}

/// <summary>States of a call.</summary>
public enum CallState
{
    /// <summary>The peer's INVITE waits for our answer.</summary>
    Offered,

    /// <summary>200 was sent, its ACK has not come.</summary>
    Accepted,
    Established,
    Ended,
}
