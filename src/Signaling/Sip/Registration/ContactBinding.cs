using Comms.Media.Numbers;
using Comms.Signaling.Sip.Message;
using Comms.Signaling.Sip.Transaction;

namespace Comms.Signaling.Sip.Registration;

/// <summary>One place where an account can be reached. RFC 3261 §10.</summary>
public sealed record ContactBinding(NameAddr Contact, SipFlow Flow, Instant ExpiresAt)
{
    public required string CallId { get; init; }

    public required uint CSeq { get; init; }
}
