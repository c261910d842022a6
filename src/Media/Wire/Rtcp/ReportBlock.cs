using System.Buffers.Binary;

namespace Comms.Media.Wire.Rtcp;

/// <summary>
/// What a receiver says of one source. RFC 3550 §6.4.1. Loss is the fraction since the last report in 1/256; jitter is in
/// the stream's clock ticks; times are the middle 32 bits of NTP time and 1/65536 s.
/// </summary>
public readonly record struct ReportBlock
{
    public const int Bytes = 24;

    public required uint Ssrc { get; init; }

    public byte FractionLost { get; init; }

    /// <summary>Signed 24 bits: duplicates make it negative.</summary>
    public int CumulativeLost { get; init; }

    public uint HighestSequence { get; init; }

    public uint Jitter { get; init; }

    public uint LastSenderReport { get; init; }

    public uint DelaySinceLastSenderReport { get; init; }

    /// <summary>Reads 24 bytes.</summary>
    public static ReportBlock Read(ReadOnlySpan<byte> bytes) => new()
    {
        Ssrc = BinaryPrimitives.ReadUInt32BigEndian(bytes),
        FractionLost = bytes[4],
        CumulativeLost = BinaryPrimitives.ReadInt32BigEndian(bytes[4..]) << 8 >> 8,
        HighestSequence = BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]),
        Jitter = BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]),
        LastSenderReport = BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]),
        DelaySinceLastSenderReport = BinaryPrimitives.ReadUInt32BigEndian(bytes[20..]),
    };

    /// <summary>Writes 24 bytes.</summary>
    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt32BigEndian(bytes, Ssrc);
        BinaryPrimitives.WriteInt32BigEndian(bytes[4..], CumulativeLost & 0x00FF_FFFF | FractionLost << 24);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[8..], HighestSequence);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[12..], Jitter);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[16..], LastSenderReport);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[20..], DelaySinceLastSenderReport);
    }
}
