using System.Buffers.Binary;

namespace Comms.Media.Wire.Rtcp;

/// <summary>A wish for a key frame: picture loss indication (RFC 4585 §6.3.1) or full intra request (RFC 5104 §4.3.1).</summary>
public static class KeyFrameRequest
{
    public const int PictureLossType = 1;
    public const int FullIntraType = 4;

    /// <summary>False: neither PLI nor FIR. A FIR names its source in its first entry, since its media SSRC field is unused.</summary>
    public static bool TryParse(in RtcpPacketView packet, out uint mediaSsrc)
    {
        mediaSsrc = 0;
        if (packet.Type != RtcpPacketType.PayloadFeedback || packet.Body.Length < 8) return false;
        if (packet.Count == PictureLossType)
        {
            mediaSsrc = BinaryPrimitives.ReadUInt32BigEndian(packet.Body[4..]);
            return true;
        }

        if (packet.Count != FullIntraType || packet.Body.Length < 16) return false;
        mediaSsrc = BinaryPrimitives.ReadUInt32BigEndian(packet.Body[8..]);
        return true;
    }
}
