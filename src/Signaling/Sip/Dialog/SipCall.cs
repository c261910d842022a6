using Comms.Media.Numbers;
using Comms.Signaling.Sip.Message;
using Comms.Signaling.Sip.Transaction;

namespace Comms.Signaling.Sip.Dialog;

/// <summary>
/// One call that a peer placed to us: the INVITE usage of its dialog. RFC 3261 §13.3 and §14.2. It repeats its 2xx until
/// the ACK comes, answers re-INVITEs one at a time and ends once. Sans-IO, owned by the SIP core's thread.
/// </summary>
public sealed class SipCall
{
    private readonly TransactionLayer _layer;
    private readonly SipTimers _timers;
    private InviteServerTransaction? _pending;
    private SipFlow _flow;
    private byte[]? _success;
    private uint _successSequence;
    private int _repeatMs;
    private Instant _repeatAt = Instant.Never;
    private Instant _giveUpAt = Instant.Never;
    private Instant _refreshBy = Instant.Never;
    private bool _byeWhenAcknowledged;

    internal SipCall(SipDialog dialog, InviteServerTransaction invite, TransactionLayer layer, SipTimers timers)
    {
        Dialog = dialog;
        _layer = layer;
        _timers = timers;
        _pending = invite;
        _flow = invite.Flow;
    }

    public SipDialog Dialog { get; }

    public CallState State { get; private set; } = CallState.Offered;

    public CallEndReason? EndReason { get; private set; }

    /// <summary>The INVITE or re-INVITE that waits for our answer; null when none does.</summary>
    public InviteServerTransaction? Pending => _pending;

    public Instant NextDeadline => Instant.Min(Instant.Min(_repeatAt, _giveUpAt), _refreshBy);

    /// <summary>Sends 180 with the dialog's tag while the answer is prepared.</summary>
    internal void Ring(Instant now)
    {
        if (_pending is { } invite && State == CallState.Offered)
        {
            _layer.Respond(invite, Answer(invite.Request, SipStatus.Ringing), now);
        }
    }

    /// <summary>Answers the pending INVITE or re-INVITE with 200 and that SDP. False: nothing is pending (it was cancelled).</summary>
    internal bool Accept(ReadOnlyMemory<byte> sdp, Instant now)
    {
        if (_pending is not { } invite || State == CallState.Ended)
        {
            return false;
        }

        var response = Answer(invite.Request, SipStatus.Ok);
        response.Headers.Add(SipHeaderNames.Allow, SipCapabilities.Allow);
        _refreshBy = SessionTimer.Agree(invite.Request, response, now);
        response.SetBody(SipCapabilities.SdpType, sdp);
        _pending = null;
        _flow = invite.Flow;
        _success = SipMessageWriter.Write(response);
        _successSequence = invite.Request.CSeq.Number;
        _repeatMs = _timers.T1Ms;
        _repeatAt = now.AddMs(_repeatMs);
        _giveUpAt = now.AddMs(_timers.TransactionMs);
        _layer.Respond(invite, response, now);
        State = State == CallState.Offered ? CallState.Accepted : State;
        return true;
    }

    /// <summary>Refuses the pending INVITE, which ends the call, or the pending re-INVITE, which leaves it as it was.</summary>
    internal void Reject(int status, Instant now, string? warning = null)
    {
        if (_pending is not { } invite)
        {
            return;
        }

        _pending = null;
        var response = Answer(invite.Request, status);
        if (warning is not null)
        {
            response.Headers.Add("Warning", warning);
        }

        _layer.Respond(invite, response, now);
        if (State == CallState.Offered)
        {
            End(status == SipStatus.RequestTerminated ? CallEndReason.Cancelled : CallEndReason.Rejected);
        }
    }

    /// <summary>
    /// A re-INVITE of this dialog. False: it was answered here, with 500 while another one is not finished (RFC 3261
    /// §14.2) or with 400 for a bad Contact.
    /// </summary>
    internal bool HandleReInvite(InviteServerTransaction invite, Instant now)
    {
        var isBusy = _pending is not null || _success is not null;
        if (!isBusy && State != CallState.Ended && Dialog.RefreshTarget(invite.Request))
        {
            _pending = invite;
            return true;
        }

        var response = Answer(invite.Request, isBusy ? SipStatus.ServerInternalError : SipStatus.BadRequest);
        if (isBusy)
        {
            response.Headers.Add(SipHeaderNames.RetryAfter, "2");
        }

        _layer.Respond(invite, response, now);
        return false;
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

        return true;
    }

    /// <summary>A BYE of this dialog: an INVITE that still waits gets 487. RFC 3261 §15.1.2.</summary>
    internal void HandleBye(ServerTransaction bye, Instant now)
    {
        _layer.Respond(bye, SipResponse.For(bye.Request, SipStatus.Ok), now);
        if (_pending is { } invite)
        {
            _pending = null;
            _layer.Respond(invite, Answer(invite.Request, SipStatus.RequestTerminated), now);
        }

        End(CallEndReason.RemoteBye);
    }

    /// <summary>A CANCEL of the pending INVITE. RFC 3261 §9.2: after a final answer it changes nothing.</summary>
    internal void HandleCancel(InviteServerTransaction invite, Instant now)
    {
        if (ReferenceEquals(_pending, invite))
        {
            Reject(SipStatus.RequestTerminated, now);
        }
    }

    /// <summary>
    /// Ends the call from our side: BYE, or a refusal while it is not answered. Before the ACK no BYE may be sent
    /// (RFC 3261 §15), so it waits for the ACK or its timeout.
    /// </summary>
    internal void HangUp(CallEndReason reason, Instant now)
    {
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
        if (_giveUpAt <= now)
        {
            StopRepeating();
            SendBye(_byeWhenAcknowledged ? CallEndReason.LocalBye : CallEndReason.NoAck, now);
        }
        else if (_refreshBy <= now)
        {
            SendBye(CallEndReason.SessionExpired, now);
        }
        else if (_repeatAt <= now && _success is not null)
        {
            _layer.Outputs.Send(_flow, _success);
            _repeatMs = Math.Min(_repeatMs * 2, _timers.T2Ms);
            _repeatAt = now.AddMs(_repeatMs);
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

    private void SendBye(CallEndReason reason, Instant now)
    {
        _layer.Send(Dialog.CreateRequest(SipMethods.Bye), Dialog.Flow, now);
        if (_pending is { } invite)
        {
            _pending = null;
            _layer.Respond(invite, Answer(invite.Request, SipStatus.RequestTerminated), now);
        }

        End(reason);
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
        _refreshBy = Instant.Never;
        EndReason ??= reason;
        State = CallState.Ended;
    }
}

/// <summary>States of a call towards us.</summary>
public enum CallState
{
    /// <summary>The INVITE waits for our answer.</summary>
    Offered,

    /// <summary>200 was sent, its ACK has not come.</summary>
    Accepted,
    Established,
    Ended,
}
