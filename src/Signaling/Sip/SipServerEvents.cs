using System.Net;
using Comms.Signaling.Sip.Dialog;
using Comms.Signaling.Sip.Message;
using Comms.Signaling.Sip.Registration;

namespace Comms.Signaling.Sip;

/// <summary>One call for the life of the process; never reused.</summary>
public readonly record struct SipCallId(long Value)
{
    public override string ToString() => $"c{Value}";
}

/// <summary>Numbers calls. Thread-safe.</summary>
internal sealed class SipCallIds
{
    private long _last;

    public SipCallId Next() => new(Interlocked.Increment(ref _last));
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

    /// <summary>The call that ends when this one is answered (RFC 3891); its transferor has set this one up.</summary>
    public SipCallId? Replaces { get; init; }

    /// <summary>The display name that the caller gave itself; not proven.</summary>
    public string? CallerName { get; init; }

    /// <summary>What the caller asks precedence by (RFC 4412).</summary>
    public IReadOnlyList<ResourcePriority> Priorities { get; init; } = [];
}

/// <summary>The peer of a call that we place rings or sends early media; <paramref name="Sdp"/> is empty without.</summary>
public sealed record CallRinging(SipCallId Call, int Status, ReadOnlyMemory<byte> Sdp) : SipServerEvent;

/// <summary>The peer answered a call that we placed; <paramref name="Sdp"/> answers our offer, here or in the last reliable provisional.</summary>
public sealed record CallAnswered(SipCallId Call, ReadOnlyMemory<byte> Sdp, SipRoute Route) : SipServerEvent
{
    /// <summary>The headers of the 200, for what a profile looks for in them: WG67-Version, Allow.</summary>
    public SipHeaders Headers { get; init; } = new();
}

/// <summary>The peer's answer to an offer of ours inside a call; <paramref name="Status"/> tells a refusal, which leaves the media as it was.</summary>
public sealed record CallReanswered(SipCallId Call, int Status, ReadOnlyMemory<byte> Sdp) : SipServerEvent;

/// <summary>An INFO inside a call, answered already. RFC 6086.</summary>
public sealed record CallInfo(SipCallId Call, string ContentType, ReadOnlyMemory<byte> Body) : SipServerEvent;

/// <summary>
/// The peer asks us to call somebody else instead of it (RFC 3515): tell it by <see cref="SipServer.NotifyReferred"/> how that
/// goes. The URI's headers may hold Replaces.
/// </summary>
public sealed record CallReferred(SipCallId Call, SipUri Target) : SipServerEvent;

/// <summary>A re-INVITE waits for an answer: hold, resume, another address or codec; empty when it carries no offer.</summary>
public sealed record CallReoffered(SipCallId Call, ReadOnlyMemory<byte> Sdp) : SipServerEvent
{
    /// <summary>Where the re-INVITE came from; another address than before after a change of network.</summary>
    public IPAddress? RemoteAddress { get; init; }
}

/// <summary>Our newest 200 was acknowledged; the body is the peer's answer when the offer was ours.</summary>
public sealed record CallAcknowledged(SipCallId Call, ReadOnlyMemory<byte> Sdp) : SipServerEvent;

/// <summary>The call is over; its id is never used again.</summary>
public sealed record CallEnded(SipCallId Call, CallEndReason Reason) : SipServerEvent
{
    /// <summary>The status that refused a call of ours; 0 otherwise.</summary>
    public int Status { get; init; }

    /// <summary>The peer's Reason header (RFC 3326), for example <c>WG-67;cause=2001</c>; null without.</summary>
    public string? Cause { get; init; }
}

/// <summary>
/// A MESSAGE of a proven account: answer with <see cref="SipServer.RespondMessage"/>. The body is as it came, up to
/// 64 kB; its character set is the type's <c>charset</c> or unknown.
/// </summary>
public sealed record MessageArrived(long Message, SipAccount Account, string To, string ContentType, ReadOnlyMemory<byte> Body) : SipServerEvent;

/// <summary>The contacts of an account changed: added, removed or expired.</summary>
public sealed record BindingsChanged(string AccountId, IReadOnlyList<ContactBinding> Bindings) : SipServerEvent;

/// <summary>The contacts of an account are the same and last longer now.</summary>
public sealed record BindingsRefreshed(string AccountId, IReadOnlyList<ContactBinding> Bindings) : SipServerEvent;
