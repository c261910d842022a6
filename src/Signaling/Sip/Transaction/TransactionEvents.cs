using Comms.Signaling.Sip.Message;

namespace Comms.Signaling.Sip.Transaction;

/// <summary>What the transaction layer tells its user.</summary>
public abstract record TransactionEvent;

/// <summary>
/// A new request. <paramref name="IsMerged"/>: the same request reached us on another path before (RFC 3261 §8.2.2.2).
/// </summary>
public sealed record RequestReceived(ServerTransaction Transaction, SipRequest Request, bool IsMerged) : TransactionEvent;

/// <summary>A CANCEL and the INVITE it is for; null when there is none (481). RFC 3261 §9.2.</summary>
public sealed record CancelReceived(ServerTransaction Transaction, SipRequest Request, InviteServerTransaction? Invite) : TransactionEvent;

/// <summary>An ACK that no transaction consumed: it acknowledges a 2xx, or is stray.</summary>
public sealed record AckReceived(SipRequest Ack) : TransactionEvent;

/// <summary>A response to a request of ours.</summary>
public sealed record ResponseReceived(ClientTransaction Transaction, SipResponse Response) : TransactionEvent;

/// <summary>No final response came in time (timer B or F), or the transport failed.</summary>
public sealed record ClientTimedOut(ClientTransaction Transaction) : TransactionEvent;

/// <summary>A 2xx to an INVITE whose transaction has ended: the dialog acknowledges it again. RFC 3261 §13.2.2.4.</summary>
public sealed record StraySuccess(SipResponse Response, SipFlow Flow) : TransactionEvent;
