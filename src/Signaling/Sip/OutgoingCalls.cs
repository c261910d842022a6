using Comms.Media.Numbers;
using Comms.Signaling.Sip.Dialog;
using Comms.Signaling.Sip.Message;
using Comms.Signaling.Sip.Transaction;

namespace Comms.Signaling.Sip;

/// <summary>
/// The calls that we place, until they are answered (then they go on in <see cref="CallTable"/>) or over. Sans-IO,
/// single-threaded.
/// </summary>
internal sealed class OutgoingCalls(SipOptions options, SipTimers timers, TransactionLayer layer, CallTable answered, Action<SipServerEvent> raise)
    : IOutgoingCallEvents
{
    private readonly Dictionary<SipCallId, OutgoingCall> _calls = [];
    private readonly Dictionary<(string CallId, string LocalTag), InviteAttempt> _attempts = [];
    private readonly PriorityQueue<OutgoingCall, Instant> _deadlines = new();

    /// <summary>Calls that ring or wait.</summary>
    public int Count => _calls.Count;

    public Instant NextDeadline => _deadlines.TryPeek(out _, out var at) ? at : Instant.Never;

    public void Place(SipCallId id, OutgoingInvite invite, Instant now)
    {
        if (invite.Routes.Count == 0 || _calls.Count + answered.Count >= options.MaxCalls)
        {
            var status = invite.Routes.Count == 0 ? SipStatus.TemporarilyUnavailable : SipStatus.ServiceUnavailable;
            raise(new CallEnded(id, CallEndReason.Refused) { Status = status });
            return;
        }

        var call = new OutgoingCall(id, invite, layer, timers, this);
        _calls.Add(id, call);
        foreach (var attempt in call.Attempts)
        {
            _attempts.Add(attempt.Key, attempt);
        }

        call.Start(now);
        Queue(call);
    }

    /// <summary>False: no such call waits.</summary>
    public bool Withdraw(SipCallId id, string? cause, Instant now) =>
        _calls.TryGetValue(id, out var call) && call.Withdraw(CallEndReason.Withdrawn, cause, now);

    /// <summary>A request of a peer in an early dialog of ours. False: there is none.</summary>
    public bool TryHandleInDialog(ServerTransaction transaction, Instant now) =>
        _attempts.TryGetValue((transaction.Request.CallId, transaction.Request.To.Tag ?? ""), out var attempt)
        && attempt.TryHandleInDialog(transaction, now);

    public void Stop(Instant now)
    {
        foreach (var call in _calls.Values.ToList())
        {
            call.Withdraw(CallEndReason.Stopping, null, now);
        }
    }

    public void HandleTimeout(Instant now)
    {
        while (_deadlines.TryPeek(out var call, out var at) && at <= now)
        {
            _deadlines.Dequeue();
            if (call.NextDeadline <= now)
            {
                call.HandleTimeout(now);
            }

            if (call.NextDeadline == Instant.Never || call.IsOver)
            {
                Forget(call);
            }
            else
            {
                Queue(call);
            }
        }
    }

    public void Progressed(OutgoingCall call, SipResponse response) => raise(new CallRinging(call.Id, response.Status, SdpOf(response)));

    public void Answered(OutgoingCall call, InviteAttempt attempt, CallDialog dialog, Instant now)
    {
        _calls.Remove(call.Id);
        Queue(call);
        var established = SipCall.Placed(dialog, call.Invite.Sdp, attempt.Authorization, (layer, timers), now);
        answered.Adopt(call.Id, established);
        raise(new CallAnswered(call.Id, SdpOf(dialog.Response), new SipRoute(dialog.Dialog.Flow, dialog.Dialog.RemoteTarget))
        {
            Headers = dialog.Response.Headers,
        });
    }

    public void Ended(OutgoingCall call, CallEndReason reason, SipResponse? refusal)
    {
        _calls.Remove(call.Id);
        Queue(call);
        raise(new CallEnded(call.Id, reason)
        {
            Status = refusal?.Status ?? 0, Cause = refusal?.Headers.First(SipHeaderNames.Reason),
        });
    }

    private static ReadOnlyMemory<byte> SdpOf(SipResponse response) =>
        response.ContentType?.Is("application", "sdp") == true ? response.Body : ReadOnlyMemory<byte>.Empty;

    // A call may stand in the queue several times; a deadline that is over changes nothing.
    private void Queue(OutgoingCall call)
    {
        if (call.NextDeadline != Instant.Never)
        {
            _deadlines.Enqueue(call, call.NextDeadline);
        }
    }

    private void Forget(OutgoingCall call)
    {
        _calls.Remove(call.Id);
        foreach (var attempt in call.Attempts)
        {
            _attempts.Remove(attempt.Key);
        }
    }
}
