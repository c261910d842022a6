using System.Buffers.Binary;

namespace Comms.Media.Wire.Rtcp;

/// <summary>
/// One packet of a compound: the common header and what follows it, without padding. Aliases the datagram. RFC 3550 §6.4.
/// <code>V=2 P count(5) | packet type(8) | length in words − 1 (16) | body…</code>
/// </summary>
public readonly ref struct RtcpPacketView(RtcpPacketType type, int count, ReadOnlySpan<byte> body)
{
    public RtcpPacketType Type => type;

    /// <summary>The five bits behind the version: report count, source count or feedback message type.</summary>
    public int Count => count;

    public ReadOnlySpan<byte> Body { get; } = body;

    /// <summary>The sender's SSRC, which begins every packet that we read; 0 when the body is empty.</summary>
    public uint SenderSsrc => Body.Length < 4 ? 0 : BinaryPrimitives.ReadUInt32BigEndian(Body);
}
