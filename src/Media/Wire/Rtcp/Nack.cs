using System.Buffers.Binary;

namespace Comms.Media.Wire.Rtcp;

/// <summary>
/// A generic NACK: pairs of a lost packet's number and a bit mask of the 16 numbers behind it. RFC 4585 §6.2.1.
/// Enumerates each missed number. Aliases the packet.
/// </summary>
public ref struct Nack
{
    /// <summary>Feedback message type within <see cref="RtcpPacketType.TransportFeedback"/>.</summary>
    public const int FeedbackType = 1;

    private readonly ReadOnlySpan<byte> _pairs;
    private int _pair;
    private int _bit;

    private Nack(uint mediaSsrc, ReadOnlySpan<byte> pairs)
    {
        MediaSsrc = mediaSsrc;
        _pairs = pairs;
        _bit = -1;
    }

    /// <summary>Our SSRC, of which packets are missed.</summary>
    public uint MediaSsrc { get; }

    /// <summary>False: another type, or no whole pair.</summary>
    public static bool TryParse(in RtcpPacketView packet, out Nack nack)
    {
        nack = default;
        if (packet.Type != RtcpPacketType.TransportFeedback || packet.Count != FeedbackType || packet.Body.Length < 12) return false;
        var pairs = packet.Body[8..];
        nack = new Nack(BinaryPrimitives.ReadUInt32BigEndian(packet.Body[4..]), pairs[..(pairs.Length & ~3)]);
        return true;
    }

    /// <summary>The next missed sequence number; false at the end.</summary>
    public bool TryRead(out ushort sequenceNumber)
    {
        while (4 * _pair < _pairs.Length)
        {
            ushort first = BinaryPrimitives.ReadUInt16BigEndian(_pairs[(4 * _pair)..]);
            ushort mask = BinaryPrimitives.ReadUInt16BigEndian(_pairs[(4 * _pair + 2)..]);
            for (int bit = _bit++; bit < 16; bit = _bit++)
            {
                if (bit >= 0 && (mask >> bit & 1) == 0) continue;
                sequenceNumber = (ushort)(first + bit + 1);
                return true;
            }

            _pair++;
            _bit = -1;
        }

        sequenceNumber = 0;
        return false;
    }
}
