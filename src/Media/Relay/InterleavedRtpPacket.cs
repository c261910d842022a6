using System.Buffers.Binary;

namespace Comms.Media.Relay;

/// <summary>The fields of an RTP packet that an ingest needs. RFC 3550 §5.1; aliases the packet, no copy.</summary>
public readonly ref struct InterleavedRtpPacket
{
    private const int FixedHeaderBytes = 12;

    public ReadOnlySpan<byte> Payload { get; private init; }

    public ushort Sequence { get; private init; }

    public uint Timestamp { get; private init; }

    public byte PayloadType { get; private init; }

    public bool Marker { get; private init; }

    /// <summary>False: shorter than its header, extension or padding says, or not version 2.</summary>
    public static bool TryParse(ReadOnlySpan<byte> packet, out InterleavedRtpPacket parsed)
    {
        parsed = default;
        if (packet.Length < FixedHeaderBytes || packet[0] >> 6 != 2)
        {
            return false;
        }

        var headerBytes = FixedHeaderBytes + 4 * (packet[0] & 0x0F);
        if ((packet[0] & 0x10) != 0)
        {
            if (packet.Length < headerBytes + 4)
            {
                return false;
            }

            headerBytes += 4 + 4 * BinaryPrimitives.ReadUInt16BigEndian(packet[(headerBytes + 2)..]);
        }

        var paddingBytes = (packet[0] & 0x20) != 0 ? packet[^1] : 0;
        if (packet.Length < headerBytes + paddingBytes)
        {
            return false;
        }

        parsed = new InterleavedRtpPacket
        {
            Payload = packet[headerBytes..^paddingBytes],
            Sequence = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]),
            Timestamp = BinaryPrimitives.ReadUInt32BigEndian(packet[4..]),
            PayloadType = (byte)(packet[1] & 0x7F),
            Marker = (packet[1] & 0x80) != 0,
        };
        return true;
    }
}
