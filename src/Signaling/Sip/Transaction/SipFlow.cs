using System.Net;

namespace Comms.Signaling.Sip.Transaction;

/// <summary>
/// The way a message came and its answer goes back: transport, our socket's address and the peer's. The term is RFC 5626's.
/// </summary>
public sealed record SipFlow(SipTransportKind Transport, IPEndPoint Local, IPEndPoint Remote)
{
    /// <summary>Retransmission is the transport's task.</summary>
    public bool IsReliable => Transport != SipTransportKind.Udp;
}

/// <summary>Transports of RFC 3261 §18.</summary>
public enum SipTransportKind
{
    Udp,
    Tcp,
    Tls,
}

/// <summary>Octets to be sent on a flow.</summary>
public readonly record struct SipTransmit(SipFlow Flow, ReadOnlyMemory<byte> Octets);
