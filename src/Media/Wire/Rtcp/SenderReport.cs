using System.Buffers.Binary;

namespace Comms.Media.Wire.Rtcp;

/// <summary>The sender information of an SR and access to its report blocks. RFC 3550 §6.4.1. NTP time is 32.32 fixed point since 1900.</summary>
public readonly record struct SenderReport(uint Ssrc, ulong NtpTime, uint RtpTimestamp, uint PacketCount, uint OctetCount)
{
    /// <summary>Body bytes before the first report block.</summary>
    public const int BodyBytes = 24;

    /// <summary>The middle bits that a receiver returns in its report blocks.</summary>
    public uint CompactNtpTime => (uint)(NtpTime >> 16);

    /// <summary>False: another type, or shorter than its sender information and report blocks.</summary>
    public static bool TryParse(in RtcpPacketView packet, out SenderReport report)
    {
        report = default;
        var body = packet.Body;
        if (packet.Type != RtcpPacketType.SenderReport || body.Length < BodyBytes + packet.Count * ReportBlock.Bytes) return false;
        report = new SenderReport(
            BinaryPrimitives.ReadUInt32BigEndian(body),
            BinaryPrimitives.ReadUInt64BigEndian(body[4..]),
            BinaryPrimitives.ReadUInt32BigEndian(body[12..]),
            BinaryPrimitives.ReadUInt32BigEndian(body[16..]),
            BinaryPrimitives.ReadUInt32BigEndian(body[20..]));
        return true;
    }

    internal void WriteBody(Span<byte> body)
    {
        BinaryPrimitives.WriteUInt32BigEndian(body, Ssrc);
        BinaryPrimitives.WriteUInt64BigEndian(body[4..], NtpTime);
        BinaryPrimitives.WriteUInt32BigEndian(body[12..], RtpTimestamp);
        BinaryPrimitives.WriteUInt32BigEndian(body[16..], PacketCount);
        BinaryPrimitives.WriteUInt32BigEndian(body[20..], OctetCount);
    }
}
