using Comms.Signaling.Sip.Digest;
using Comms.Signaling.Sip.Message;
using Comms.Signaling.Sip.Transaction;

namespace Comms.Signaling.Sip.Dialog;

/// <summary>A way to a peer: the flow to send on and the URI to ask for. A registered phone is reached on the flow of its REGISTER.</summary>
public sealed record SipRoute(SipFlow Flow, SipUri Target)
{
    /// <summary>Route headers to begin with; an outbound proxy's, for example.</summary>
    public IReadOnlyList<NameAddr> RouteSet { get; init; } = [];
}

/// <summary>A call that we place. Immutable.</summary>
public sealed record OutgoingInvite
{
    /// <summary>One or several ways to whom is called: they ring together, the first answer wins, the others are cancelled.</summary>
    public required IReadOnlyList<SipRoute> Routes { get; init; }

    /// <summary>Our offer.</summary>
    public required ReadOnlyMemory<byte> Sdp { get; init; }

    /// <summary>The user part of From and Contact; null for none.</summary>
    public string? FromUser { get; init; }

    public string? FromDisplayName { get; init; }

    /// <summary>The host of From; our own address when null. A trunk's domain, for example.</summary>
    public string? FromHost { get; init; }

    /// <summary>More headers of the INVITE as they are: Subject, Priority, WG67-Version, Resource-Priority, Replaces, Alert-Info.</summary>
    public IReadOnlyList<SipHeader> Headers { get; init; } = [];

    /// <summary>What to answer 401 and 407 with; without them such an answer is the call's end.</summary>
    public ClientCredentials? Credentials { get; init; }

    /// <summary>How long it may ring before it is cancelled.</summary>
    public int RingLimitMs { get; init; } = 60_000;
}
