namespace Comms.Media.Wire;

/// <summary>What a datagram of the shared media port is, by its first byte and, for RTCP, its packet type. RFC 7983 §7, RFC 5761 §4.</summary>
public enum DatagramKind
{
    Unknown,
    Stun,
    Dtls,
    Rtp,
    Rtcp,
}

/// <summary>Tells the protocols of one port apart.</summary>
public static class DatagramDemultiplexer
{
    /// <summary>
    /// First byte 0–3 STUN, 20–63 DTLS, 128–191 RTP or RTCP; the rest (ZRTP, TURN channels, nonsense) is unknown, as is anything too
    /// short to carry the second byte. RTCP has packet types 192–223, which RTP payload types 64–95 would look like and are not used.
    /// </summary>
    public static DatagramKind Classify(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length < 2) return DatagramKind.Unknown;
        return datagram[0] switch
        {
            <= 3 => DatagramKind.Stun,
            >= 20 and <= 63 => DatagramKind.Dtls,
            >= 128 and <= 191 => datagram[1] is >= 192 and <= 223 ? DatagramKind.Rtcp : DatagramKind.Rtp,
            _ => DatagramKind.Unknown,
        };
    }
}
