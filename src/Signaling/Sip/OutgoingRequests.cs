using Comms.Media.Numbers;
using Comms.Signaling.Sip.Dialog;
using Comms.Signaling.Sip.Digest;
using Comms.Signaling.Sip.Message;
using Comms.Signaling.Sip.Transaction;

namespace Comms.Signaling.Sip;

/// <summary>A request of ours outside any dialog: REGISTER at a trunk, MESSAGE, OPTIONS. Immutable.</summary>
public sealed record OutgoingRequest
{
    public required string Method { get; init; }

    public required SipRoute Route { get; init; }

    public required NameAddr From { get; init; }

    public required NameAddr To { get; init; }

    public IReadOnlyList<SipHeader> Headers { get; init; } = [];

    public string ContentType { get; init; } = "";

    public ReadOnlyMemory<byte> Body { get; init; }

    public ClientCredentials? Credentials { get; init; }

    /// <summary>Kept over the requests of one registration (RFC 3261 §10.2); new when null.</summary>
    public string? CallId { get; init; }

    /// <summary>The number that is used, and the next ones where the peer challenges.</summary>
    public uint CSeq { get; init; } = 1;
}

/// <summary>The final answer to an <see cref="OutgoingRequest"/>; status 408 when none came. <paramref name="CSeq"/> is the last number used.</summary>
public sealed record OutgoingAnswer(int Status, SipHeaders Headers, uint CSeq);

/// <summary>Sends requests outside dialogs and proves them when they are challenged. RFC 3261 §8.1. Sans-IO, single-threaded.</summary>
internal sealed class OutgoingRequests(TransactionLayer layer)
{
    private const int MaxTries = 3;

    public void Send(OutgoingRequest request, Instant now, Action<OutgoingAnswer> answered) => Send(new Attempt(request, answered), now, 1);

    private void Send(Attempt attempt, Instant now, int tries)
    {
        var (request, answered) = (attempt.Request, attempt.Answered);
        var sequence = request.CSeq + (uint)tries - 1;
        var message = SipRequest.Create(request.Method, request.Route.Target, new RequestParts(
            LocalVia.Of(request.Route.Flow), request.From.WithTag(attempt.Tag), request.To, attempt.CallId, sequence));
        foreach (var route in request.Route.RouteSet)
        {
            message.Headers.Add(SipHeaderNames.Route, route.ToString());
        }

        foreach (var header in request.Headers)
        {
            message.Headers.Add(header.Name, header.Value);
        }

        attempt.Authorization?.Prove(message);
        if (!request.Body.IsEmpty)
        {
            message.SetBody(request.ContentType, request.Body);
        }

        layer.Send(message, request.Route.Flow, now, (response, at) =>
        {
            if (response is { IsProvisional: true })
            {
                return;
            }

            var isChallenged = response?.Status is SipStatus.Unauthorized or SipStatus.ProxyAuthenticationRequired;
            if (isChallenged && tries < MaxTries && attempt.Authorization?.TryLearn(response!) == true)
            {
                Send(attempt, at, tries + 1);
                return;
            }

            answered(new OutgoingAnswer(response?.Status ?? SipStatus.RequestTimeout, response?.Headers ?? new SipHeaders(), sequence));
        });
    }

    private sealed record Attempt(OutgoingRequest Request, Action<OutgoingAnswer> Answered)
    {
        public string CallId { get; } = Request.CallId ?? SipIdentifier.NewCallId();

        public string Tag { get; } = SipIdentifier.NewTag();

        public ClientAuthorization? Authorization { get; } = Request.Credentials is { } credentials ? new ClientAuthorization(credentials) : null;
    }
}
