using System.Buffers.Binary;

namespace Comms.Media.Wire.Rtp;

/// <summary>
/// A read-only view of one plain RTP packet; aliases the datagram, copies nothing. RFC 3550 §5.1.
/// <code>
/// V=2 P X CC(4) | M PT(7) | sequence number(16) | timestamp(32) | SSRC(32) | CSRC… | extension… | payload… | padding
/// </code>
/// </summary>
public readonly ref struct RtpPacketView
{
    public const int MinHeaderBytes = 12;

    private readonly ReadOnlySpan<byte> _packet;
    private readonly int _extensionStart;
    private readonly int _extensionBytes;
    private readonly int _payloadStart;
    private readonly int _payloadBytes;

    private RtpPacketView(ReadOnlySpan<byte> packet, int extensionStart, int extensionBytes, int payloadStart, int payloadBytes)
    {
        _packet = packet;
        _extensionStart = extensionStart;
        _extensionBytes = extensionBytes;
        _payloadStart = payloadStart;
        _payloadBytes = payloadBytes;
    }

    /// <summary>Header and all.</summary>
    public ReadOnlySpan<byte> Whole => _packet;

    public bool Marker => (_packet[1] & 0x80) != 0;

    public byte PayloadType => (byte)(_packet[1] & 0x7F);

    public ushort SequenceNumber => BinaryPrimitives.ReadUInt16BigEndian(_packet[2..]);

    public uint Timestamp => BinaryPrimitives.ReadUInt32BigEndian(_packet[4..]);

    public uint Ssrc => BinaryPrimitives.ReadUInt32BigEndian(_packet[8..]);

    /// <summary>Contributing sources, 0 to 15.</summary>
    public int CsrcCount => _packet[0] & 0x0F;

    /// <summary>Without padding; may be empty.</summary>
    public ReadOnlySpan<byte> Payload => _packet.Slice(_payloadStart, _payloadBytes);

    /// <summary>Header extension elements of RFC 8285; empty when there is no extension or its profile is another.</summary>
    public RtpHeaderExtensions Extensions => _extensionStart == 0
        ? default
        : new RtpHeaderExtensions(ExtensionProfile, ExtensionWords);

    /// <summary>The profile of the header extension; 0 when there is none.</summary>
    public ushort ExtensionProfile => _extensionStart == 0 ? (ushort)0 : BinaryPrimitives.ReadUInt16BigEndian(_packet[(_extensionStart - 4)..]);

    /// <summary>The header extension behind profile and length, for profiles that are not RFC 8285's.</summary>
    public ReadOnlySpan<byte> ExtensionWords => _extensionStart == 0 ? default : _packet.Slice(_extensionStart, _extensionBytes);

    public uint Csrc(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)CsrcCount);
        return BinaryPrimitives.ReadUInt32BigEndian(_packet[(MinHeaderBytes + 4 * index)..]);
    }

    /// <summary>Reads one packet. False: shorter than 12 bytes, version not 2, or CSRCs, extension or padding overrun the datagram.</summary>
    public static bool TryParse(ReadOnlySpan<byte> datagram, out RtpPacketView packet)
    {
        packet = default;
        if (datagram.Length < MinHeaderBytes || datagram[0] >> 6 != 2) return false;
        int start = MinHeaderBytes + 4 * (datagram[0] & 0x0F);
        int extensionStart = 0, extensionBytes = 0;
        if ((datagram[0] & 0x10) != 0)
        {
            if (datagram.Length < start + 4) return false;
            extensionStart = start + 4;
            extensionBytes = 4 * BinaryPrimitives.ReadUInt16BigEndian(datagram[(start + 2)..]);
            start = extensionStart + extensionBytes;
        }

        int end = datagram.Length;
        if ((datagram[0] & 0x20) != 0)
        {
            if (datagram[^1] == 0) return false;
            end -= datagram[^1];
        }

        if (end < start) return false;
        packet = new RtpPacketView(datagram, extensionStart, extensionBytes, start, end - start);
        return true;
    }
}
