using Comms.Media.Numbers;
using Comms.Signaling.Sip.Dialog;
using Comms.Signaling.Sip.Message;
using Comms.Signaling.Sip.Transaction;

namespace Comms.Signaling.Sip;

/// <summary>
/// The calls of one SIP core, found by dialog, by INVITE and by id. Raises one <see cref="CallEnded"/> for each offered
/// call, whatever ends it. Sans-IO, single-threaded.
/// </summary>
internal sealed class CallTable(SipOptions options, SipTimers timers, TransactionLayer layer, Action<SipServerEvent> raise)
{
    private readonly Dictionary<SipCallId, Entry> _calls = [];
    private readonly Dictionary<DialogId, Entry> _dialogs = [];
    private readonly PriorityQueue<Entry, Instant> _deadlines = new();
    private long _lastCall;

    public int Count => _calls.Count;

    public Instant NextDeadline => _deadlines.TryPeek(out _, out var at) ? at : Instant.Never;

    /// <summary>A proven INVITE outside any dialog becomes a call, or is refused with 400 or 503.</summary>
    public void Offer(InviteServerTransaction invite, SipAccount account, Instant now)
    {
        var request = invite.Request;
        var tag = SipIdentifier.NewTag();
        if (_calls.Count >= options.MaxCalls)
        {
            var busy = SipResponse.For(request, SipStatus.ServiceUnavailable, tag);
            busy.Headers.Add(SipHeaderNames.RetryAfter, "10");
            layer.Respond(invite, busy, now);
            return;
        }

        if (!SipDialog.TryCreateUas(request, invite.Flow, tag, out var dialog))
        {
            layer.Respond(invite, SipResponse.For(request, SipStatus.BadRequest, tag), now);
            return;
        }

        var entry = new Entry(new SipCallId(++_lastCall), new SipCall(dialog!, invite, layer, timers));
        _calls.Add(entry.Id, entry);
        _dialogs.Add(dialog!.Id, entry);
        raise(new CallOffered(entry.Id, account, request.Uri.User ?? "", request.Body, invite.Flow.Local.Address)
        {
            RemoteAddress = invite.Flow.Remote.Address,
        });
    }

    /// <summary>A request with a To tag. False: no such dialog (481).</summary>
    public bool TryHandleInDialog(ServerTransaction transaction, Instant now)
    {
        var request = transaction.Request;
        if (!_dialogs.TryGetValue(DialogId.OfIncoming(request), out var entry))
        {
            return false;
        }

        if (!entry.Call.Dialog.AcceptsInOrder(request, transaction.Flow))
        {
            layer.Respond(transaction, SipResponse.For(request, SipStatus.ServerInternalError), now);
            return true;
        }

        switch (request.Method)
        {
            case SipMethods.Bye:
                entry.Call.HandleBye(transaction, now);
                break;
            case SipMethods.Invite:
                HandleReInvite(entry, (InviteServerTransaction)transaction, now);
                break;
            case SipMethods.Options:
                layer.Respond(transaction, SipCapabilities.Describe(request), now);
                break;
            default:
                var refusal = SipResponse.For(request, SipStatus.MethodNotAllowed);
                refusal.Headers.Add(SipHeaderNames.Allow, SipCapabilities.Allow);
                layer.Respond(transaction, refusal, now);
                break;
        }

        Settle(entry);
        return true;
    }

    /// <summary>False: the ACK belongs to no call.</summary>
    public bool HandleAck(SipRequest ack, Instant now)
    {
        if (!_dialogs.TryGetValue(DialogId.OfIncoming(ack), out var entry))
        {
            return false;
        }

        if (entry.Call.HandleAck(ack, now) && entry.Call.State != CallState.Ended)
        {
            raise(new CallAcknowledged(entry.Id, ack.Body));
        }

        Settle(entry);
        return true;
    }

    /// <summary>Our tag of the dialog that waits with that INVITE; null: none does.</summary>
    public string? LocalTagOf(InviteServerTransaction invite) => FindPending(invite)?.Call.Dialog.Id.LocalTag;

    /// <summary>False: no call waits with that INVITE.</summary>
    public bool HandleCancel(InviteServerTransaction invite, Instant now)
    {
        if (FindPending(invite) is not { } entry)
        {
            return false;
        }

        entry.Call.HandleCancel(invite, now);
        Settle(entry);
        return true;
    }

    /// <summary>A final answer, or none (null), to a request of ours inside a dialog. RFC 3261 §12.2.1.2.</summary>
    public void HandleAnswer(SipRequest request, int? status)
    {
        var id = new DialogId(request.CallId, request.From.Tag ?? "", request.To.Tag ?? "");
        if (status is null or SipStatus.CallDoesNotExist or SipStatus.RequestTimeout && _dialogs.TryGetValue(id, out var entry))
        {
            entry.Call.HandlePeerGone();
            Settle(entry);
        }
    }

    public bool Answer(SipCallId id, ReadOnlyMemory<byte> sdp, Instant now) => With(id, call => call.Accept(sdp, now));

    public bool Reject(SipCallId id, int status, string? warning, Instant now) => With(id, call => call.Reject(status, now, warning));

    public bool HangUp(SipCallId id, Instant now) => With(id, call => call.HangUp(CallEndReason.LocalBye, now));

    public void Stop(Instant now)
    {
        foreach (var entry in _calls.Values.ToList())
        {
            entry.Call.HangUp(CallEndReason.Stopping, now);
            Settle(entry);
        }
    }

    public void HandleTimeout(Instant now)
    {
        while (_deadlines.TryPeek(out var entry, out var at) && at <= now)
        {
            _deadlines.Dequeue();
            if (entry.QueuedAt != at)
            {
                continue;
            }

            entry.QueuedAt = Instant.Never;
            entry.Call.HandleTimeout(now);
            Settle(entry);
        }
    }

    private void HandleReInvite(Entry entry, InviteServerTransaction invite, Instant now)
    {
        if (RequestScreen.RefuseSession(invite.Request) is { } refusal)
        {
            layer.Respond(invite, refusal, now);
        }
        else if (entry.Call.HandleReInvite(invite, now))
        {
            raise(new CallReoffered(entry.Id, invite.Request.Body) { RemoteAddress = invite.Flow.Remote.Address });
        }
    }

    private Entry? FindPending(InviteServerTransaction invite) =>
        _calls.Values.FirstOrDefault(entry => ReferenceEquals(entry.Call.Pending, invite));

    private bool With(SipCallId id, Func<SipCall, bool> command)
    {
        if (!_calls.TryGetValue(id, out var entry))
        {
            return false;
        }

        var isDone = command(entry.Call);
        Settle(entry);
        return isDone;
    }

    private bool With(SipCallId id, Action<SipCall> command) => With(id, call =>
    {
        command(call);
        return true;
    });

    private void Settle(Entry entry)
    {
        if (entry.Call.State == CallState.Ended)
        {
            if (_calls.Remove(entry.Id))
            {
                _dialogs.Remove(entry.Call.Dialog.Id);
                raise(new CallEnded(entry.Id, entry.Call.EndReason ?? CallEndReason.LocalBye));
            }
        }
        else if (entry.Call.NextDeadline < entry.QueuedAt)
        {
            entry.QueuedAt = entry.Call.NextDeadline;
            _deadlines.Enqueue(entry, entry.QueuedAt);
        }
    }

    private sealed class Entry(SipCallId id, SipCall call)
    {
        public SipCallId Id => id;

        public SipCall Call => call;

        public Instant QueuedAt { get; set; } = Instant.Never;
    }
}
