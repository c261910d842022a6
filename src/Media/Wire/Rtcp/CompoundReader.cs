using System.Buffers.Binary;

namespace Comms.Media.Wire.Rtcp;

/// <summary>
/// Walks the packets of one RTCP datagram, compound or reduced-size. RFC 3550 §6.1, RFC 5506. Ends at the first packet that is
/// malformed; what came before it stays usable.
/// </summary>
public ref struct CompoundReader(ReadOnlySpan<byte> datagram)
{
    private ReadOnlySpan<byte> _rest = datagram;

    /// <summary>True once <see cref="TryRead"/> has met bytes that are no RTCP.</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>False: the end, or no RTCP from here on (version, a length beyond the end, padding longer than the packet).</summary>
    public bool TryRead(out RtcpPacketView packet)
    {
        packet = default;
        if (_rest.IsEmpty) return false;
        IsMalformed = true;
        if (_rest.Length < 4 || _rest[0] >> 6 != 2) return Stop();
        int bytes = 4 + 4 * BinaryPrimitives.ReadUInt16BigEndian(_rest[2..]);
        if (bytes > _rest.Length) return Stop();
        var body = _rest[4..bytes];
        if ((_rest[0] & 0x20) != 0)
        {
            if (body.IsEmpty || body[^1] == 0 || body[^1] > body.Length) return Stop();
            body = body[..^body[^1]];
        }

        packet = new RtcpPacketView((RtcpPacketType)_rest[1], _rest[0] & 0x1F, body);
        _rest = _rest[bytes..];
        IsMalformed = false;
        return true;
    }

    private bool Stop()
    {
        _rest = default;
        return false;
    }
}
