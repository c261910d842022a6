using Comms.Signaling.Sip.Message;
using Comms.Signaling.Sip.Transaction;

namespace Comms.Signaling.Sip.Dialog;

/// <summary>
/// The state two ends share: tags, sequence numbers, remote target and route set. RFC 3261 §12. It sends to the flow of the
/// peer's newest request, which is where a phone behind NAT, or its proxy, can be reached.
/// </summary>
public sealed class SipDialog
{
    private readonly List<NameAddr> _routeSet;
    private readonly NameAddr _local;
    private readonly NameAddr _remote;
    private uint _localSequence;
    private long _remoteSequence;

    private SipDialog(DialogId id, NameAddr local, NameAddr remote, SipUri remoteTarget, SipFlow flow, List<NameAddr> routeSet)
    {
        Id = id;
        _local = local;
        _remote = remote;
        _routeSet = routeSet;
        RemoteTarget = remoteTarget;
        Flow = flow;
    }

    public DialogId Id { get; }

    public SipUri RemoteTarget { get; private set; }

    public SipFlow Flow { get; private set; }

    public IReadOnlyList<NameAddr> RouteSet => _routeSet;

    /// <summary>
    /// RFC 3261 §12.1.1, for a request that we are about to answer with <paramref name="localTag"/>. False: no single
    /// sip or sips Contact, or a malformed Record-Route; the request is then a 400.
    /// </summary>
    public static bool TryCreateUas(SipRequest request, SipFlow flow, string localTag, out SipDialog? dialog)
    {
        dialog = null;
        if (!TryGetTarget(request, out var target) || !request.TryGetAddresses(SipHeaderNames.RecordRoute, out var routes))
        {
            return false;
        }

        var id = new DialogId(request.CallId, localTag, request.From.Tag ?? "");
        dialog = new SipDialog(id, request.To.WithTag(localTag), request.From, target!, flow, routes)
        {
            _remoteSequence = request.CSeq.Number,
        };
        return true;
    }

    /// <summary>RFC 3261 §12.1.2, for a 2xx or tagged 1xx to an INVITE of ours; without a Contact its target stays that of the INVITE.</summary>
    public static bool TryCreateUac(SipRequest request, SipResponse response, SipFlow flow, out SipDialog? dialog)
    {
        dialog = null;
        if (!TryGetTarget(response, request, out var target) || !response.TryGetAddresses(SipHeaderNames.RecordRoute, out var routes))
        {
            return false;
        }

        routes.Reverse();
        dialog = new SipDialog(DialogId.OfResponse(response), request.From, response.To, target!, flow, routes)
        {
            _localSequence = request.CSeq.Number,
            _remoteSequence = -1,
        };
        return true;
    }

    /// <summary>The numbers of the early dialog that this one was before its 2xx go on. RFC 3261 §13.2.2.4.</summary>
    public void ContinueFrom(SipDialog early)
    {
        _localSequence = Math.Max(_localSequence, early._localSequence);
        _remoteSequence = Math.Max(_remoteSequence, early._remoteSequence);
    }

    /// <summary>
    /// RFC 3261 §12.2.2: false when the number is lower than one already seen, which is a 500. Otherwise the number is kept
    /// and the flow follows the request's source. ACK and CANCEL carry an older number and do not come here.
    /// </summary>
    public bool AcceptsInOrder(SipRequest request, SipFlow flow)
    {
        if (request.CSeq.Number <= _remoteSequence)
        {
            return false;
        }

        _remoteSequence = request.CSeq.Number;
        Flow = flow;
        return true;
    }

    /// <summary>
    /// The Contact of a target refresh request, or of the 2xx to ours, becomes the remote target. RFC 3261 §12.2.2. False: a
    /// malformed Contact.
    /// </summary>
    public bool RefreshTarget(SipMessage request)
    {
        if (!request.Headers.Contains(SipHeaderNames.Contact))
        {
            return true;
        }

        if (!TryGetTarget(request, out var target))
        {
            return false;
        }

        RemoteTarget = target!;
        return true;
    }

    /// <summary>A new request inside the dialog, with loose or strict routing. RFC 3261 §12.2.1.1.</summary>
    public SipRequest CreateRequest(string method) => Build(method, method == SipMethods.Ack ? _localSequence : ++_localSequence);

    /// <summary>The ACK for a 2xx to our INVITE of that number. RFC 3261 §13.2.2.4.</summary>
    public SipRequest CreateAck(uint inviteSequence) => Build(SipMethods.Ack, inviteSequence);

    private SipRequest Build(string method, uint sequence)
    {
        var isStrict = _routeSet.Count > 0 && !_routeSet[0].Uri.Parameters.Contains("lr");
        var uri = isStrict ? _routeSet[0].Uri : RemoteTarget;
        var via = LocalVia.Of(Flow);
        var request = SipRequest.Create(method, uri, new RequestParts(via, _local, _remote, Id.CallId, sequence));
        foreach (var route in isStrict ? _routeSet.Skip(1) : _routeSet)
        {
            request.Headers.Add(SipHeaderNames.Route, route.ToString());
        }

        if (isStrict)
        {
            request.Headers.Add(SipHeaderNames.Route, $"<{RemoteTarget}>");
        }

        return request;
    }

    private static bool TryGetTarget(SipResponse response, SipRequest request, out SipUri? target)
    {
        target = request.Uri;
        return !response.Headers.Contains(SipHeaderNames.Contact) || TryGetTarget(response, out target);
    }

    private static bool TryGetTarget(SipMessage message, out SipUri? target)
    {
        target = null;
        if (!message.TryGetAddresses(SipHeaderNames.Contact, out var contacts) || contacts.Count != 1 || !contacts[0].Uri.IsSip)
        {
            return false;
        }

        // What a Contact says behind a question mark has no place in a request line (RFC 3261 §19.1.1).
        target = contacts[0].Uri.WithoutHeaderParts();
        return true;
    }
}
