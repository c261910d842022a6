using Comms.Signaling.Sip.Message;

namespace Comms.Signaling.Sip.Dialog;

/// <summary>What identifies a dialog at our end. RFC 3261 §12. An RFC 2543 peer has the remote tag "".</summary>
public readonly record struct DialogId(string CallId, string LocalTag, string RemoteTag)
{
    /// <summary>The dialog that a peer's request names.</summary>
    public static DialogId OfIncoming(SipRequest request) => new(request.CallId, request.To.Tag ?? "", request.From.Tag ?? "");

    /// <summary>The dialog that a response to a request of ours names.</summary>
    public static DialogId OfResponse(SipResponse response) => new(response.CallId, response.From.Tag ?? "", response.To.Tag ?? "");
}
