namespace Comms.Media.Crypto;

/// <summary>The 48-bit packet index: rollover counter and sequence number. RFC 3711 §3.3.1.</summary>
internal static class RtpPacketIndex
{
    /// <summary>
    /// The index nearest to the highest one so far that ends in this sequence number; negative when that would lie before the
    /// stream's first cycle.
    /// </summary>
    public static long Estimate(ulong highest, ushort sequenceNumber) => (long)highest + (short)(sequenceNumber - (ushort)highest);

    public static uint Rollover(ulong index) => (uint)(index >> 16);
}
