using System.Buffers.Binary;

namespace Comms.Media.Wire.Rtp;

/// <summary>The fixed header of a packet we send: no CSRC, no extension, no padding. RFC 3550 §5.1.</summary>
public readonly record struct RtpHeader(byte PayloadType, bool Marker, ushort SequenceNumber, uint Timestamp, uint Ssrc)
{
    public const int Bytes = 12;

    /// <summary>In the first byte: a header extension follows.</summary>
    public const byte ExtensionBit = 0x10;

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(
            destination,
            0x80UL << 56 | (ulong)(Marker ? 0x80 : 0) << 48 | (ulong)PayloadType << 48 | (ulong)SequenceNumber << 32 | Timestamp);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], Ssrc);
    }
}
