using System.Net;
using Comms.Signaling.Sip.Dialog;
using Comms.Signaling.Sip.Registration;

namespace Comms.Signaling.Sip;

/// <summary>One call for the life of the process; never reused.</summary>
public readonly record struct SipCallId(long Value)
{
    public override string ToString() => $"c{Value}";
}

/// <summary>What the SIP core tells its owner. One closed family, in order.</summary>
public abstract record SipServerEvent;

/// <summary>The core needs an account to go on: answer with <see cref="SipServer.HandleAccount"/>.</summary>
public sealed record AccountWanted(long Lookup, string UserName) : SipServerEvent;

/// <summary>Credentials that did not fit. The user name is what the peer wrote.</summary>
public sealed record CredentialsRefused(string UserName, IPAddress Source) : SipServerEvent;

/// <summary>
/// A proven account calls a number: answer with <see cref="SipServer.Answer"/> or <see cref="SipServer.Reject"/>.
/// <paramref name="Sdp"/> is empty when the caller leaves the offer to us (RFC 3264 §5; the answer comes with the ACK).
/// </summary>
public sealed record CallOffered(
    SipCallId Call, SipAccount Account, string Number, ReadOnlyMemory<byte> Sdp, IPAddress LocalAddress) : SipServerEvent
{
    /// <summary>Where the INVITE came from: when the SDP names another address, the peer may be behind an address translator.</summary>
    public IPAddress? RemoteAddress { get; init; }
}

/// <summary>A re-INVITE waits for an answer: hold, resume, another address or codec; empty when it carries no offer.</summary>
public sealed record CallReoffered(SipCallId Call, ReadOnlyMemory<byte> Sdp) : SipServerEvent
{
    /// <summary>Where the re-INVITE came from; another address than before after a change of network.</summary>
    public IPAddress? RemoteAddress { get; init; }
}

/// <summary>Our newest 200 was acknowledged; the body is the peer's answer when the offer was ours.</summary>
public sealed record CallAcknowledged(SipCallId Call, ReadOnlyMemory<byte> Sdp) : SipServerEvent;

/// <summary>The call is over; its id is never used again.</summary>
public sealed record CallEnded(SipCallId Call, CallEndReason Reason) : SipServerEvent;

/// <summary>
/// A MESSAGE of a proven account: answer with <see cref="SipServer.RespondMessage"/>. The body is as it came, up to
/// 64 kB; its character set is the type's <c>charset</c> or unknown.
/// </summary>
public sealed record MessageArrived(long Message, SipAccount Account, string To, string ContentType, ReadOnlyMemory<byte> Body) : SipServerEvent;

/// <summary>The contacts of an account changed: added, removed or expired.</summary>
public sealed record BindingsChanged(string AccountId, IReadOnlyList<ContactBinding> Bindings) : SipServerEvent;

/// <summary>The contacts of an account are the same and last longer now.</summary>
public sealed record BindingsRefreshed(string AccountId, IReadOnlyList<ContactBinding> Bindings) : SipServerEvent;
