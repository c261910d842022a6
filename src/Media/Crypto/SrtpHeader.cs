using System.Buffers.Binary;

namespace Comms.Media.Crypto;

/// <summary>What protection needs of an RTP or RTCP header; the codecs proper are in Wire.</summary>
internal readonly record struct SrtpHeader(int HeaderBytes, ushort SequenceNumber, uint Ssrc)
{
    public const int RtcpHeaderBytes = 8;
    private const int FixedBytes = 12;

    /// <summary>Reads an RTP header with CSRCs and extension. RFC 3550 §5.1. False: shorter than that, or not version 2.</summary>
    public static bool TryReadRtp(ReadOnlySpan<byte> packet, out SrtpHeader header)
    {
        header = default;
        if (packet.Length < FixedBytes || packet[0] >> 6 != 2) return false;
        int bytes = FixedBytes + 4 * (packet[0] & 0x0F);
        if ((packet[0] & 0x10) != 0)
        {
            if (packet.Length < bytes + 4) return false;
            bytes += 4 + 4 * BinaryPrimitives.ReadUInt16BigEndian(packet[(bytes + 2)..]);
        }

        if (packet.Length < bytes) return false;
        ushort sequenceNumber = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        header = new SrtpHeader(bytes, sequenceNumber, BinaryPrimitives.ReadUInt32BigEndian(packet[8..]));
        return true;
    }

    /// <summary>Reads the clear part of a compound RTCP packet. RFC 3550 §6.4.1.</summary>
    public static bool TryReadRtcp(ReadOnlySpan<byte> packet, out SrtpHeader header)
    {
        header = default;
        if (packet.Length < RtcpHeaderBytes || packet[0] >> 6 != 2) return false;
        header = new SrtpHeader(RtcpHeaderBytes, 0, BinaryPrimitives.ReadUInt32BigEndian(packet[4..]));
        return true;
    }
}
