using Comms.Media.Numbers;
using Comms.Signaling.Sip.Message;
using Comms.Signaling.Sip.Transaction;

namespace Comms.Signaling.Sip.Dialog;

/// <summary>
/// A call that we place, until it is answered or over: its attempts ring together, the first answer wins. Sans-IO, owned by
/// the SIP core's thread.
/// </summary>
internal sealed class OutgoingCall : IInviteOwner
{
    private readonly OutgoingInvite _invite;
    private readonly SipTimers _timers;
    private readonly IOutgoingCallEvents _events;
    private readonly List<InviteAttempt> _attempts;
    private SipResponse? _refusal;
    private bool _isSettled;
    private Instant _ringUntil;
    private Instant _giveUpAt = Instant.Never;

    public OutgoingCall(SipCallId id, OutgoingInvite invite, TransactionLayer layer, SipTimers timers, IOutgoingCallEvents events)
    {
        Id = id;
        _invite = invite;
        _timers = timers;
        _events = events;
        _attempts = invite.Routes.Select(route => new InviteAttempt(invite, route, layer, this)).ToList();
    }

    public SipCallId Id { get; }

    public OutgoingInvite Invite => _invite;

    public IReadOnlyList<InviteAttempt> Attempts => _attempts;

    /// <summary>Nothing of it is open any more.</summary>
    public bool IsOver => _attempts.TrueForAll(attempt => attempt.IsOver);

    public Instant NextDeadline => Instant.Min(_ringUntil, _giveUpAt);

    public void Start(Instant now)
    {
        _ringUntil = now.AddMs(_invite.RingLimitMs);
        _attempts.ForEach(attempt => attempt.Start(now));
    }

    /// <summary>Takes the call back. False: it is answered or over.</summary>
    public bool Withdraw(CallEndReason reason, string? cause, Instant now)
    {
        if (_isSettled)
        {
            return false;
        }

        Settle(now);
        _attempts.ForEach(attempt => attempt.Cancel(cause, now));
        _events.Ended(this, reason, null);
        return true;
    }

    public void HandleTimeout(Instant now)
    {
        if (_giveUpAt <= now)
        {
            _giveUpAt = Instant.Never;
            _attempts.ForEach(attempt => attempt.Abandon());
        }
        else if (_ringUntil <= now)
        {
            Withdraw(CallEndReason.NoAnswer, "SIP;cause=408;text=\"No answer\"", now);
        }
    }

    public void HandleProgress(SipResponse response)
    {
        if (!_isSettled)
        {
            _events.Progressed(this, response);
        }
    }

    public bool TryTakeAnswer(InviteAttempt attempt, SipDialog dialog, SipResponse response, Instant now)
    {
        if (_isSettled)
        {
            return false;
        }

        Settle(now);
        _attempts.ForEach(other => other.Cancel("SIP;cause=200;text=\"Call completed elsewhere\"", now));
        _events.Answered(this, attempt, new CallDialog(dialog, response), now);
        return true;
    }

    public void HandleFailure(InviteAttempt attempt, SipResponse? response, Instant now)
    {
        // RFC 3261 §16.7 step 6: a global refusal counts most, then the lowest class.
        if (response is not null && (_refusal is null || Rank(response.Status) < Rank(_refusal.Status)))
        {
            _refusal = response;
        }

        var isFinal = response?.Status >= 600;
        if (_isSettled || !(isFinal || IsOver))
        {
            return;
        }

        Settle(now);
        _attempts.ForEach(other => other.Cancel(null, now));
        _events.Ended(this, _refusal is null ? CallEndReason.NoAnswer : CallEndReason.Refused, _refusal);
    }

    private static int Rank(int status) => status >= 600 ? 0 : status / 100;

    private void Settle(Instant now)
    {
        _isSettled = true;
        _ringUntil = Instant.Never;
        _giveUpAt = now.AddMs(_timers.TransactionMs);
    }
}

/// <summary>A dialog and the response that made it.</summary>
internal sealed record CallDialog(SipDialog Dialog, SipResponse Response);

/// <summary>Who is told what becomes of an <see cref="OutgoingCall"/>.</summary>
internal interface IOutgoingCallEvents
{
    void Progressed(OutgoingCall call, SipResponse response);

    void Answered(OutgoingCall call, InviteAttempt attempt, CallDialog dialog, Instant now);

    void Ended(OutgoingCall call, CallEndReason reason, SipResponse? refusal);
}
