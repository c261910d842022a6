using Comms.Media.Numbers;
using Comms.Signaling.Sip.Digest;
using Comms.Signaling.Sip.Message;
using Comms.Signaling.Sip.Transaction;

namespace Comms.Signaling.Sip.Dialog;

/// <summary>
/// An INVITE of ours on one way until its final answer: challenges, early dialogs of every fork, reliable provisionals,
/// CANCEL and its races. RFC 3261 §13.2, RFC 3262 §4. A 2xx that nobody waits for is acknowledged and hung up.
/// </summary>
internal sealed class InviteAttempt
{
    private const int MaxTries = 3;

    private readonly OutgoingInvite _invite;
    private readonly SipRoute _route;
    private readonly TransactionLayer _layer;
    private readonly IInviteOwner _owner;
    private readonly ClientAuthorization? _authorization;
    private readonly Dictionary<string, EarlyDialog> _early = [];
    private readonly Dictionary<string, byte[]> _acks = [];
    private ClientTransaction _transaction = null!;
    private uint _sequence;
    private int _tries;
    private bool _hasProvisional;
    private bool _isCancelled;
    private string? _cancelReason;

    public InviteAttempt(OutgoingInvite invite, SipRoute route, TransactionLayer layer, IInviteOwner owner)
    {
        _invite = invite;
        _route = route;
        _layer = layer;
        _owner = owner;
        _authorization = invite.Credentials is { } credentials ? new ClientAuthorization(credentials) : null;
    }

    /// <summary>What names this attempt in requests of the peer's early dialogs.</summary>
    public (string CallId, string LocalTag) Key => (CallId, LocalTag);

    public ClientAuthorization? Authorization => _authorization;

    public bool IsOver { get; private set; }

    private string CallId { get; } = SipIdentifier.NewCallId();

    private string LocalTag { get; } = SipIdentifier.NewTag();

    public void Start(Instant now)
    {
        _tries++;
        _hasProvisional = false;
        var request = Build(++_sequence);
        _authorization?.Prove(request);
        request.SetBody(SipCapabilities.SdpType, _invite.Sdp);
        _transaction = _layer.Send(request, _route.Flow, now, (response, at) => Handle(request, response, at));
    }

    /// <summary>Takes the INVITE back; RFC 3261 §9.1: the CANCEL waits for a first provisional answer.</summary>
    public void Cancel(string? reason, Instant now)
    {
        if (!_isCancelled && !IsOver)
        {
            _isCancelled = true;
            _cancelReason = reason;
            if (_hasProvisional)
            {
                SendCancel(now);
            }
        }
    }

    /// <summary>No final answer came after the CANCEL.</summary>
    public void Abandon()
    {
        if (!IsOver)
        {
            IsOver = true;
            _layer.Abandon(_transaction);
        }
    }

    /// <summary>A request of the peer inside an early dialog. False: there is none of that tag.</summary>
    public bool TryHandleInDialog(ServerTransaction transaction, Instant now)
    {
        var request = transaction.Request;
        if (IsOver || !_early.TryGetValue(request.From.Tag ?? "", out var early))
        {
            return false;
        }

        _layer.Respond(transaction, early.Dialog.AcceptsInOrder(request, transaction.Flow)
            ? Answer(request, early.Dialog) : SipResponse.For(request, SipStatus.ServerInternalError), now);
        return true;
    }

    // Our offer waits for its answer, so that another offer meanwhile is glare (RFC 3311 §5.2).
    private static SipResponse Answer(SipRequest request, SipDialog early)
    {
        switch (request.Method)
        {
            case SipMethods.Options:
                return SipCapabilities.Describe(request);
            case SipMethods.Info or SipMethods.Message:
                return SipResponse.For(request, SipStatus.Ok);
            case SipMethods.Update when request.Body.IsEmpty && early.RefreshTarget(request):
                var response = SipResponse.For(request, SipStatus.Ok);
                response.Headers.Add(SipHeaderNames.Contact, SipCapabilities.ContactOf(early.Flow));
                return response;
            case SipMethods.Update:
                return SipResponse.For(request, SipStatus.RequestPending);
            default:
                var refusal = SipResponse.For(request, SipStatus.MethodNotAllowed);
                refusal.Headers.Add(SipHeaderNames.Allow, SipCapabilities.Allow);
                return refusal;
        }
    }

    private SipRequest Build(uint sequence)
    {
        var flow = _route.Flow;
        var host = _invite.FromHost ?? LocalVia.HostOf(flow);
        var from = new NameAddr(SipUri.Sip(_invite.FromUser, host)) { DisplayName = _invite.FromDisplayName }.WithTag(LocalTag);
        var target = _route.Target.WithoutHeaderParts();
        var request = SipRequest.Create(
            SipMethods.Invite, target, new RequestParts(LocalVia.Of(flow), from, new NameAddr(target), CallId, sequence));
        foreach (var route in _route.RouteSet)
        {
            request.Headers.Add(SipHeaderNames.Route, route.ToString());
        }

        request.Headers.Add(SipHeaderNames.Contact, SipCapabilities.ContactOf(flow, _invite.FromUser));
        request.Headers.Add(SipHeaderNames.Allow, SipCapabilities.Allow);
        request.Headers.Add(SipHeaderNames.Supported, SipCapabilities.Supported);
        foreach (var header in _invite.Headers)
        {
            request.Headers.Add(header.Name, header.Value);
        }

        return request;
    }

    private void Handle(SipRequest request, SipResponse? response, Instant now)
    {
        switch (response)
        {
            case null:
                Fail(null, now);
                break;
            case { IsProvisional: true }:
                HandleProvisional(request, response, now);
                break;
            case { IsSuccess: true }:
                HandleSuccess(request, response, now);
                break;
            case { Status: SipStatus.Unauthorized or SipStatus.ProxyAuthenticationRequired }
                when !_isCancelled && _tries < MaxTries && _authorization?.TryLearn(response) == true:
                _early.Clear();
                Start(now);
                break;
            default:
                Fail(response, now);
                break;
        }
    }

    private void HandleProvisional(SipRequest request, SipResponse response, Instant now)
    {
        var isFirst = !_hasProvisional;
        _hasProvisional = true;
        if (_isCancelled && isFirst)
        {
            SendCancel(now);
        }

        if (response.Status == SipStatus.Trying)
        {
            return;
        }

        if (response.To.Tag is { } tag && !_early.ContainsKey(tag) && SipDialog.TryCreateUac(request, response, _route.Flow, out var dialog))
        {
            _early[tag] = new EarlyDialog(dialog!, new DialogRequests(dialog!, _layer, _authorization));
        }

        if (TakesReliable(request, response, now) && !_isCancelled)
        {
            _owner.HandleProgress(response);
        }
    }

    // RFC 3262 §4: each reliable provisional gets its PRACK, in order; a repeated one, or one after a gap, changes nothing.
    private bool TakesReliable(SipRequest request, SipResponse response, Instant now)
    {
        if (!response.Headers.HasToken(SipHeaderNames.Require, SipCapabilities.ReliableProvisionals)
            || !SipText.TryParseNumber(response.Headers.First(SipHeaderNames.RSeq) ?? "", uint.MaxValue, out var number))
        {
            return true;
        }

        if (!_early.TryGetValue(response.To.Tag ?? "", out var early) || (early.LastReliable != 0 && number != early.LastReliable + 1))
        {
            return false;
        }

        early.LastReliable = number;
        var acknowledged = new SipHeader(SipHeaderNames.RAck, $"{number} {request.CSeq.Number} {SipMethods.Invite}");
        early.Requests.Send(SipMethods.Prack, DialogBody.With(acknowledged), now);
        return true;
    }

    private void HandleSuccess(SipRequest request, SipResponse response, Instant now)
    {
        var tag = response.To.Tag ?? "";
        if (_acks.TryGetValue(tag, out var ack))
        {
            _layer.Outputs.Send(_route.Flow, ack);
            return;
        }

        if (!SipDialog.TryCreateUac(request, response, _route.Flow, out var dialog))
        {
            Fail(response, now);
            return;
        }

        if (_early.TryGetValue(tag, out var early))
        {
            dialog!.ContinueFrom(early.Dialog);
        }

        _authorization?.NoteAccepted();
        var acknowledgement = dialog!.CreateAck(request.CSeq.Number);
        _authorization?.Prove(acknowledgement);
        ack = SipMessageWriter.Write(acknowledgement);
        _acks.Add(tag, ack);
        _layer.Outputs.Send(_route.Flow, ack);
        IsOver = true;
        if (_isCancelled || !_owner.TryTakeAnswer(this, dialog, response, now))
        {
            new DialogRequests(dialog, _layer, _authorization).Send(SipMethods.Bye, DialogBody.None, now);
            _owner.HandleFailure(this, null, now);
        }
    }

    private void Fail(SipResponse? response, Instant now)
    {
        if (!IsOver)
        {
            IsOver = true;
            _owner.HandleFailure(this, response, now);
        }
    }

    // RFC 3261 §9.1: the INVITE's own branch, Request-URI, Route and number.
    private void SendCancel(Instant now)
    {
        var invite = _transaction.Request;
        var cancel = SipRequest.Create(
            SipMethods.Cancel, invite.Uri, new RequestParts(invite.TopVia, invite.From, invite.To, invite.CallId, invite.CSeq.Number));
        foreach (var route in invite.Headers.All(SipHeaderNames.Route))
        {
            cancel.Headers.Add(SipHeaderNames.Route, route);
        }

        if (_cancelReason is not null)
        {
            cancel.Headers.Add(SipHeaderNames.Reason, _cancelReason);
        }

        _layer.Send(cancel, _route.Flow, now);
    }

    private sealed class EarlyDialog(SipDialog dialog, DialogRequests requests)
    {
        public SipDialog Dialog => dialog;

        public DialogRequests Requests => requests;

        public uint LastReliable { get; set; }
    }
}

/// <summary>Who waits for what becomes of an <see cref="InviteAttempt"/>.</summary>
internal interface IInviteOwner
{
    /// <summary>180, 183 and the like, each once.</summary>
    void HandleProgress(SipResponse response);

    /// <summary>The dialog of a 2xx, which is acknowledged already. False: another answer was taken, so this one is hung up.</summary>
    bool TryTakeAnswer(InviteAttempt attempt, SipDialog dialog, SipResponse response, Instant now);

    /// <summary>A final refusal; null when no answer came.</summary>
    void HandleFailure(InviteAttempt attempt, SipResponse? response, Instant now);
}
