using Comms.Media.Numbers;
using Comms.Signaling.Sip.Dialog;
using Comms.Signaling.Sip.Message;
using Comms.Signaling.Sip.Transaction;

namespace Comms.Signaling.Sip;

/// <summary>
/// The calls of one SIP core that have a dialog, found by dialog, by INVITE and by id. Raises one <see cref="CallEnded"/> for
/// each, whatever ends it. Sans-IO, single-threaded.
/// </summary>
internal sealed class CallTable(SipOptions options, SipTimers timers, TransactionLayer layer, Action<SipServerEvent> raise, SipCallIds ids)
{
    private readonly Dictionary<SipCallId, Entry> _calls = [];
    private readonly Dictionary<DialogId, Entry> _dialogs = [];
    private readonly Dictionary<InviteServerTransaction, Entry> _waiting = [];
    private readonly PriorityQueue<Entry, Instant> _deadlines = new();

    /// <summary>Takes a MESSAGE inside a call.</summary>
    public required Action<ServerTransaction, SipAccount?, Instant> Deliver { get; init; }

    public int Count => _calls.Count;

    public Instant NextDeadline => _deadlines.TryPeek(out _, out var at) ? at : Instant.Never;

    /// <summary>A proven INVITE outside any dialog becomes a call, or is refused with 400 or 503.</summary>
    public void Offer(InviteServerTransaction invite, SipAccount account, string number, Instant now)
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

        Entry? replaced = null;
        if (request.Headers.First(SipHeaderNames.Replaces) is { } replaces && RefuseReplaces(replaces, out replaced) is var refusal and not 0)
        {
            layer.Respond(invite, SipResponse.For(request, refusal, tag), now);
            return;
        }

        var entry = new Entry(ids.Next(), new SipCall(dialog!, invite, layer, timers)) { Account = account, Replaced = replaced };
        Wait(invite, entry);
        Add(entry);
        raise(new CallOffered(entry.Id, account, number, request.Body, invite.Flow.Local.Address)
        {
            RemoteAddress = invite.Flow.Remote.Address,
            Replaces = replaced?.Id,
            CallerName = request.From.DisplayName,
            Priorities = ResourcePriority.Read(request),
        });
    }

    /// <summary>A call that we placed was answered: it goes on here.</summary>
    public void Adopt(SipCallId id, SipCall call) => Add(new Entry(id, call));

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
            case SipMethods.Update when !request.Body.IsEmpty:
                HandleOffer(entry, transaction, now);
                break;
            case SipMethods.Update:
                HandleRefresh(entry, transaction, now);
                break;
            case SipMethods.Prack:
                entry.Call.HandlePrack(transaction, now);
                break;
            case SipMethods.Info:
                layer.Respond(transaction, SipResponse.For(request, SipStatus.Ok), now);
                raise(new CallInfo(entry.Id, request.Headers.First(SipHeaderNames.ContentType) ?? "", request.Body));
                break;
            case SipMethods.Message:
                Deliver(transaction, entry.Account, now);
                break;
            case SipMethods.Refer:
                HandleRefer(entry, transaction, now);
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
    public bool HandleCancel(InviteServerTransaction invite, string? cause, Instant now)
    {
        if (FindPending(invite) is not { } entry)
        {
            return false;
        }

        entry.Call.HandleCancel(invite, now, cause);
        Settle(entry);
        return true;
    }

    public bool Answer(SipCallId id, ReadOnlyMemory<byte> sdp, Instant now)
    {
        var isAnswered = With(id, call => call.Accept(sdp, now));
        if (isAnswered && _calls.TryGetValue(id, out var entry) && entry.Replaced is { } replaced)
        {
            // RFC 3891 §3: the new call is up, so the one that it replaces ends.
            entry.Replaced = null;
            replaced.Call.HangUp(CallEndReason.Replaced, now);
            Settle(replaced);
        }

        return isAnswered;
    }

    public bool Ring(SipCallId id, Instant now) => With(id, call => call.Ring(now));

    public bool Reoffer(SipCallId id, ReadOnlyMemory<byte> sdp, Instant now) => With(id, call => call.Reoffer(sdp, now));

    /// <summary>Tells who sent a REFER how the call that it asked for goes on; a final status ends the subscription. RFC 3515 §2.4.5.</summary>
    public bool NotifyReferred(SipCallId id, int status, Instant now) => _calls.TryGetValue(id, out var entry) && With(id, call => call.Requests.Send(
        SipMethods.Notify, ReferNotice.Of(entry.ReferSequence, status), now));

    public bool Reject(SipCallId id, int status, string? warning, Instant now) => With(id, call => call.Reject(status, now, warning));

    public bool HangUp(SipCallId id, string? cause, Instant now) => With(id, call => call.HangUp(CallEndReason.LocalBye, now, cause));

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

    private void Add(Entry entry)
    {
        _calls.Add(entry.Id, entry);
        _dialogs.Add(entry.Call.Dialog.Id, entry);
        entry.Call.Requests.Settled = () => Settle(entry);
        entry.Call.Reanswered = (status, sdp) => raise(new CallReanswered(entry.Id, status, sdp));
        Settle(entry);
    }

    private void Wait(InviteServerTransaction invite, Entry entry)
    {
        _waiting.Add(invite, entry);
        entry.Waits = invite;
    }

    private void HandleOffer(Entry entry, ServerTransaction offer, Instant now)
    {
        if (RequestScreen.RefuseSession(offer.Request) is { } refusal)
        {
            layer.Respond(offer, refusal, now);
        }
        else if (entry.Call.HandleReInvite(offer, now))
        {
            if (offer is InviteServerTransaction invite)
            {
                Wait(invite, entry);
            }

            raise(new CallReoffered(entry.Id, offer.Request.Body) { RemoteAddress = offer.Flow.Remote.Address });
        }
    }

    private void HandleRefresh(Entry entry, ServerTransaction update, Instant now)
    {
        if (SessionTimer.Refuse(update.Request) is { } refusal)
        {
            layer.Respond(update, refusal, now);
        }
        else
        {
            entry.Call.HandleRefresh(update, now);
        }
    }

    private void HandleRefer(Entry entry, ServerTransaction transaction, Instant now)
    {
        var request = transaction.Request;
        if (!request.TryGetAddresses(SipHeaderNames.ReferTo, out var targets) || targets.Count != 1 || entry.Call.State == CallState.Offered)
        {
            layer.Respond(transaction, SipResponse.For(request, SipStatus.BadRequest), now);
            return;
        }

        var accepted = SipResponse.For(request, SipStatus.Accepted);
        accepted.Headers.Add(SipHeaderNames.Contact, SipCapabilities.ContactOf(transaction.Flow));
        layer.Respond(transaction, accepted, now);
        entry.ReferSequence = request.CSeq.Number;
        entry.Call.Requests.Send(SipMethods.Notify, ReferNotice.Of(entry.ReferSequence, SipStatus.Trying), now);
        raise(new CallReferred(entry.Id, targets[0].Uri));
    }

    // 0: the named call may be replaced. RFC 3891 §3.
    private int RefuseReplaces(string value, out Entry? replaced)
    {
        replaced = null;
        var semicolon = value.IndexOf(';');
        if (semicolon <= 0 || !SipParameters.TryParse(value.AsSpan(semicolon), out var parameters)
            || parameters["to-tag"] is not { } local || parameters["from-tag"] is not { } remote)
        {
            return SipStatus.BadRequest;
        }

        if (!_dialogs.TryGetValue(new DialogId(value[..semicolon].Trim(), local, remote), out replaced))
        {
            return SipStatus.CallDoesNotExist;
        }

        return replaced.Call.State == CallState.Offered ? SipStatus.CallDoesNotExist
            : parameters.Contains("early-only") ? SipStatus.BusyHere : 0;
    }

    private Entry? FindPending(InviteServerTransaction invite) =>
        _waiting.TryGetValue(invite, out var entry) && ReferenceEquals(entry.Call.Pending, invite) ? entry : null;

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
        if (entry.Waits is { } invite && !ReferenceEquals(entry.Call.Pending, invite))
        {
            _waiting.Remove(invite);
            entry.Waits = null;
        }

        if (entry.Call.State == CallState.Ended)
        {
            if (_calls.Remove(entry.Id))
            {
                _dialogs.Remove(entry.Call.Dialog.Id);
                raise(new CallEnded(entry.Id, entry.Call.EndReason ?? CallEndReason.LocalBye) { Cause = entry.Call.EndCause });
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

        /// <summary>Null for a call that we placed.</summary>
        public SipAccount? Account { get; init; }

        /// <summary>The call that ends when this one is answered.</summary>
        public Entry? Replaced { get; set; }

        /// <summary>The INVITE that a CANCEL would be for.</summary>
        public InviteServerTransaction? Waits { get; set; }

        /// <summary>The number of the newest REFER, which names its subscription.</summary>
        public uint ReferSequence { get; set; }

        public Instant QueuedAt { get; set; } = Instant.Never;
    }
}
