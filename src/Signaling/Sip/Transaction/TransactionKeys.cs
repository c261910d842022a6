using Comms.Signaling.Sip.Message;

namespace Comms.Signaling.Sip.Transaction;

/// <summary>
/// Identifies a server transaction. RFC 3261 §17.2.3: branch, sent-by and method, where ACK finds its INVITE.
/// Deviation: Call-ID and CSeq number belong to the key too, so that a peer which repeats a branch gets a new
/// transaction instead of another request's answer. Requests of RFC 2543 have a branch made of their other parts.
/// </summary>
internal readonly record struct ServerKey(string Branch, string SentBy, string Method, string CallId, uint CSeq)
{
    public static ServerKey Of(SipRequest request) => Of(request, request.IsAck ? SipMethods.Invite : request.Method);

    /// <summary>The key of the INVITE that a CANCEL is for.</summary>
    public static ServerKey OfCancelledInvite(SipRequest cancel) => Of(cancel, SipMethods.Invite);

    private static ServerKey Of(SipRequest request, string method)
    {
        var via = request.TopVia;
        var branch = via.HasRfc3261Branch ? via.Branch! : $"{request.UriText}|{request.From.Tag}|{via.Branch}";
        return new ServerKey(branch, via.SentBy, method, request.CallId, request.CSeq.Number);
    }
}

/// <summary>Identifies a client transaction. RFC 3261 §17.1.3.</summary>
internal readonly record struct ClientKey(string Branch, string Method);

/// <summary>What two copies of one request have in common, whatever path they took. RFC 3261 §8.2.2.2.</summary>
internal readonly record struct MergeKey(string CallId, CSeq CSeq, string? FromTag);
