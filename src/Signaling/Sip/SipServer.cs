using Comms.Media.Numbers;
using Comms.Signaling.Sip.Dialog;
using Comms.Signaling.Sip.Digest;
using Comms.Signaling.Sip.Message;
using Comms.Signaling.Sip.Registration;
using Comms.Signaling.Sip.Transaction;

namespace Comms.Signaling.Sip;

/// <summary>
/// The user agent, server and client, and the registrar of this node. Sans-IO and single-threaded: one Handle or command, then drain
/// <see cref="TryPollTransmit"/> and <see cref="TryPollEvent"/>; <see cref="HandleTimeout"/> at <see cref="NextDeadline"/>.
/// </summary>
public sealed class SipServer
{
    private readonly TransactionLayer _layer;
    private readonly PendingRequests _pending;
    private readonly CallTable _calls;
    private readonly OutgoingCalls _outgoing;
    private readonly OutgoingRequests _requests;
    private readonly Dictionary<string, SipAccount> _trunks = [];
    private readonly SipCallIds _ids = new();
    private readonly SipCounters _counters;
    private readonly Queue<SipServerEvent> _events = new();
    private readonly Dictionary<long, ServerTransaction> _messages = [];
    private long _lastMessage;
    private bool _isStopping;

    /// <param name="realm">Stored verifiers are made for one realm; with another no password fits.</param>
    public SipServer(SipOptions options, string realm, byte[] nonceKey, SipCounters counters, SipTimers? timers = null)
    {
        var times = timers ?? SipTimers.Default;
        var authenticator = new DigestAuthenticator(realm, nonceKey, options.NonceLifetimeSeconds * 1000)
        {
            Algorithms = options.DigestOrder,
        };
        _counters = counters;
        _layer = new TransactionLayer(times, counters, options.MaxTransactions);
        _pending = new PendingRequests(options, authenticator, _layer, _events.Enqueue);
        _calls = new CallTable(options, times, _layer, _events.Enqueue, _ids) { Deliver = DeliverMessage };
        _outgoing = new OutgoingCalls(options, times, _layer, _calls, _events.Enqueue);
        _requests = new OutgoingRequests(_layer);
        Registrar = new Registrar(options, (account, bindings) => _events.Enqueue(new BindingsChanged(account, bindings)))
        {
            Refreshed = (account, bindings) => _events.Enqueue(new BindingsRefreshed(account, bindings)),
        };
    }

    public Registrar Registrar { get; }

    /// <summary>Calls, those that ring included.</summary>
    public int Calls => _calls.Count + _outgoing.Count;

    public int Transactions => _layer.Count;

    /// <summary>True while a request of ours has no final answer.</summary>
    public bool IsWaiting => _layer.IsWaiting;

    /// <summary>May be earlier than the first real deadline, never later.</summary>
    public Instant NextDeadline =>
        Instant.Min(Instant.Min(_layer.NextDeadline, _outgoing.NextDeadline), Instant.Min(_calls.NextDeadline, Registrar.NextDeadline));

    public bool TryPollTransmit(out SipTransmit transmit) => _layer.Outputs.TryPollTransmit(out transmit);

    public bool TryPollEvent(out SipServerEvent? happening) => _events.TryDequeue(out happening);

    /// <summary>One packet. <paramref name="octets"/> may be reused when this returns.</summary>
    public void HandleDatagram(ReadOnlySpan<byte> octets, SipFlow flow, Instant now)
    {
        var isRead = SipMessageParser.TryParse(octets, out var message, out var error);
        if (message is SipRequest { TopVia.Host: not "invalid" } request)
        {
            request.MarkSource(flow.Remote);
        }

        if (isRead)
        {
            _layer.Handle(message!, flow, now);
            Drain(now);
        }
        else if (message is SipRequest { IsAck: false } malformed)
        {
            _layer.Outputs.Send(flow, SipMessageWriter.Write(SipResponse.For(malformed, SipMessageParser.StatusFor(error), SipIdentifier.NewTag())));
        }
        else if (error == SipParseError.Empty)
        {
            _counters.CountKeepAlive();
        }
        else
        {
            _counters.Drop(SipDropReason.Malformed);
        }
    }

    /// <summary>The connection of a flow is gone: requests of ours on it fail now.</summary>
    public void HandleFlowClosed(SipFlow flow, Instant now)
    {
        _layer.HandleTransportFailure(flow);
        Drain(now);
    }

    public void HandleTimeout(Instant now)
    {
        _layer.HandleTimeout(now);
        _calls.HandleTimeout(now);
        _outgoing.HandleTimeout(now);
        Registrar.HandleTimeout(now);
        Drain(now);
    }

    /// <summary>The answer to <see cref="AccountWanted"/>.</summary>
    public void HandleAccount(long lookup, SipAccount? account, Instant now)
    {
        if (_pending.Complete(lookup, account, now, out var transaction))
        {
            Carry(transaction, account!, now);
        }

        Drain(now);
    }

    /// <summary>The account of <see cref="AccountWanted"/> cannot be told: the request gets 500.</summary>
    public void FailAccount(long lookup, Instant now) => _pending.Fail(lookup, now);

    /// <summary>A call id for <see cref="Place"/>. Thread-safe.</summary>
    public SipCallId NewCall() => _ids.Next();

    /// <summary>
    /// Places a call: <see cref="CallRinging"/> may come, then <see cref="CallAnswered"/> or <see cref="CallEnded"/>;
    /// <see cref="HangUp"/> takes it back before the answer.
    /// </summary>
    public void Place(SipCallId call, OutgoingInvite invite, Instant now) => _outgoing.Place(call, invite, now);

    /// <summary>A request of ours outside any dialog; <paramref name="answered"/> gets the final answer while inputs are handled.</summary>
    public void Request(OutgoingRequest request, Action<OutgoingAnswer> answered, Instant now) => _requests.Send(request, now, answered);

    /// <summary>
    /// A trunk that we registered at calls us by the unguessable user part of our Contact there; whoever knows it is that
    /// account. Null takes it back.
    /// </summary>
    public void TrustContact(string user, SipAccount? account)
    {
        _trunks.Remove(user);
        if (account is not null)
        {
            _trunks.Add(user, account);
        }
    }

    /// <summary>Tells the caller that somebody is called: 180. False: it is over.</summary>
    public bool Ring(SipCallId call, Instant now) => _calls.Ring(call, now);

    /// <summary>Offers the peer of an established call other media; <see cref="CallReanswered"/> follows.</summary>
    public bool Reoffer(SipCallId call, ReadOnlyMemory<byte> sdp, Instant now) => _calls.Reoffer(call, sdp, now);

    /// <summary>Tells the sender of a REFER how the call that it asked for goes: a status below 200 while it does.</summary>
    public bool NotifyReferred(SipCallId call, int status, Instant now) => _calls.NotifyReferred(call, status, now);

    /// <summary>Accepts an offered call or re-INVITE. False: it is over or was cancelled.</summary>
    public bool Answer(SipCallId call, ReadOnlyMemory<byte> sdp, Instant now) => _calls.Answer(call, sdp, now);

    /// <summary>Refuses an offered call or re-INVITE. <paramref name="warning"/> is a Warning header's value (RFC 3261 §20.43).</summary>
    public bool Reject(SipCallId call, int status, Instant now, string? warning = null) => _calls.Reject(call, status, warning, now);

    /// <summary>
    /// Ends a call with BYE, refuses it with 503 while it is not answered, or takes it back with CANCEL while it rings;
    /// <paramref name="cause"/> is the value of a Reason header (RFC 3326).
    /// </summary>
    public bool HangUp(SipCallId call, Instant now, string? cause = null) => _outgoing.Withdraw(call, cause, now) || _calls.HangUp(call, cause, now);

    /// <summary>The answer to <see cref="MessageArrived"/>.</summary>
    public void RespondMessage(long message, int status, Instant now)
    {
        if (_messages.Remove(message, out var transaction))
        {
            Respond(transaction, status, now);
        }
    }

    /// <summary>Hangs up every call and refuses new ones with 503; repeats of the BYEs still need timeouts for a while.</summary>
    public void Stop(Instant now)
    {
        _isStopping = true;
        _outgoing.Stop(now);
        _calls.Stop(now);
        Drain(now);
    }

    private void Drain(Instant now)
    {
        while (_layer.Outputs.TryPollEvent(out var happening))
        {
            switch (happening)
            {
                case RequestReceived received:
                    HandleRequest(received, now);
                    break;
                case CancelReceived cancel:
                    HandleCancel(cancel, now);
                    break;
                case AckReceived ack when !_calls.HandleAck(ack.Ack, now):
                    _counters.Drop(SipDropReason.StrayAck);
                    break;
                case ResponseReceived response:
                    response.Transaction.Heard?.Invoke(response.Response, now);
                    break;
                case ClientTimedOut timeout:
                    timeout.Transaction.Heard?.Invoke(null, now);
                    break;
                case StraySuccess:
                    _counters.Drop(SipDropReason.StrayResponse);
                    break;
            }
        }
    }

    private void HandleRequest(RequestReceived received, Instant now)
    {
        var transaction = received.Transaction;
        var request = received.Request;
        if (received.IsMerged)
        {
            Respond(transaction, SipStatus.LoopDetected, now);
        }
        else if (request.To.Tag is not null)
        {
            if (!_calls.TryHandleInDialog(transaction, now) && !_outgoing.TryHandleInDialog(transaction, now))
            {
                Respond(transaction, SipStatus.CallDoesNotExist, now);
            }
        }
        else if (RequestScreen.Refuse(request) is { } refusal)
        {
            _layer.Respond(transaction, refusal, now);
        }
        else
        {
            Admit(transaction, now);
        }
    }

    private void Admit(ServerTransaction transaction, Instant now)
    {
        switch (transaction.Request.Method)
        {
            case SipMethods.Options:
                _layer.Respond(transaction, SipCapabilities.Describe(transaction.Request), now);
                break;
            case SipMethods.Bye:
                Respond(transaction, SipStatus.CallDoesNotExist, now);
                break;
            case SipMethods.Invite when _isStopping:
                Respond(transaction, SipStatus.ServiceUnavailable, now);
                break;
            case SipMethods.Invite when _trunks.TryGetValue(transaction.Request.Uri.User ?? "", out var trunk):
                // The number that was dialled stands in To: the Request-URI is our Contact.
                _calls.Offer((InviteServerTransaction)transaction, trunk, transaction.Request.To.Uri.User ?? "", now);
                break;
            default:
                _pending.Begin(transaction, now);
                break;
        }
    }

    private void Carry(ServerTransaction transaction, SipAccount account, Instant now)
    {
        var request = transaction.Request;
        switch (request.Method)
        {
            case SipMethods.Register:
                Register(transaction, account, now);
                break;
            case SipMethods.Invite:
                _calls.Offer((InviteServerTransaction)transaction, account, request.Uri.User ?? "", now);
                break;
            case SipMethods.Message:
                DeliverMessage(transaction, account, now);
                break;
        }
    }

    // In a call that we placed nobody has proven an account.
    private void DeliverMessage(ServerTransaction transaction, SipAccount? account, Instant now)
    {
        if (account is null)
        {
            Respond(transaction, SipStatus.Forbidden, now);
            return;
        }

        var request = transaction.Request;
        _messages.Add(++_lastMessage, transaction);
        _events.Enqueue(new MessageArrived(
            _lastMessage, account, request.Uri.User ?? "", request.Headers.First(SipHeaderNames.ContentType) ?? "", request.Body));
    }

    // RFC 3261 §10.3 step 4 and 5: an account registers contacts for its own address-of-record only.
    private void Register(ServerTransaction transaction, SipAccount account, Instant now)
    {
        var isOwn = account.Id.Equals(transaction.Request.To.Uri.User, StringComparison.OrdinalIgnoreCase);
        var response = isOwn
            ? Registrar.Handle(transaction.Request, account.Id, transaction.Flow, now)
            : SipResponse.For(transaction.Request, SipStatus.Forbidden);
        response.AddToTag(SipIdentifier.NewTag());
        _layer.Respond(transaction, response, now);
    }

    private void HandleCancel(CancelReceived cancel, Instant now)
    {
        if (cancel.Invite is not { } invite)
        {
            Respond(cancel.Transaction, SipStatus.CallDoesNotExist, now);
            return;
        }

        // RFC 3261 §9.2: both answers carry one To tag.
        var tag = invite.AnsweredTag ?? _calls.LocalTagOf(invite) ?? SipIdentifier.NewTag();
        _layer.Respond(cancel.Transaction, SipResponse.For(cancel.Transaction.Request, SipStatus.Ok, tag), now);
        if (!invite.IsAnswered && !_calls.HandleCancel(invite, cancel.Request.Headers.First(SipHeaderNames.Reason), now))
        {
            _layer.Respond(invite, SipResponse.For(invite.Request, SipStatus.RequestTerminated, tag), now);
        }
    }

    private void Respond(ServerTransaction transaction, int status, Instant now) =>
        _layer.Respond(transaction, SipResponse.For(transaction.Request, status, SipIdentifier.NewTag()), now);
}
