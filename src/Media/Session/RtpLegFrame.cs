using Comms.Media.Numbers;

namespace Comms.Media.Session;

/// <summary>One packet of codec payload that a leg received. Aliases the datagram: use it before the next call.</summary>
public ref struct RtpLegFrame
{
    /// <summary>G.711 codes, one per 8 kHz sample.</summary>
    public ReadOnlySpan<byte> Payload { get; set; }

    /// <summary>The sender's 8 kHz timestamp.</summary>
    public uint Timestamp { get; init; }

    /// <summary>The sender's SSRC; a new one begins a new stream with its own timestamps.</summary>
    public uint Ssrc { get; init; }

    /// <summary>The first packet after silence. RFC 3551 §4.1.</summary>
    public bool Marker { get; init; }

    /// <summary>When the packet arrived here.</summary>
    public Instant Captured { get; init; }
}

/// <summary>One datagram of a leg to put on the wire.</summary>
/// <param name="FromRtcpSocket">Sent from the RTCP port, not from the RTP port.</param>
public readonly record struct RtpLegTransmit(int Bytes, TransportAddress Destination, bool FromRtcpSocket);
