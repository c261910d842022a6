namespace Comms.Media.Wire.Stun;

/// <summary>The FINGERPRINT value: CRC-32 of ITU-T V.42 XOR 0x5354554E. RFC 8489 §14.7.</summary>
public static class StunFingerprint
{
    private const uint Xor = 0x5354554E;
    private const uint ReversedPolynomial = 0xEDB88320;
    private static readonly uint[] Table = BuildTable();

    /// <summary>Over every byte before the FINGERPRINT attribute; the header's length must already count that attribute.</summary>
    public static uint Compute(ReadOnlySpan<byte> message)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in message) crc = Table[(byte)(crc ^ value)] ^ (crc >> 8);
        return ~crc ^ Xor;
    }

    private static uint[] BuildTable()
    {
        var table = new uint[256];
        for (uint index = 0; index < table.Length; index++)
        {
            uint crc = index;
            for (int bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? (crc >> 1) ^ ReversedPolynomial : crc >> 1;
            table[index] = crc;
        }

        return table;
    }
}
