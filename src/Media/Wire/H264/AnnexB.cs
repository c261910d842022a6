namespace Comms.Media.Wire.H264;

/// <summary>Splits a byte stream at its start codes (00 00 01). ITU-T H.264 annex B.</summary>
public static class AnnexB
{
    private static ReadOnlySpan<byte> StartCode => [0, 0, 1];

    /// <summary>True when a span that should be one NAL unit holds a start code, which emulation prevention forbids.</summary>
    public static bool HasStartCode(ReadOnlySpan<byte> bytes) => bytes.IndexOf(StartCode) >= 0;

    /// <summary>
    /// Takes the next NAL unit off <paramref name="rest"/>, without start code and trailing zeros. Bytes before the first
    /// start code count as a unit. False: nothing is left.
    /// </summary>
    public static bool TryReadNext(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> nalUnit)
    {
        nalUnit = default;
        while (nalUnit.IsEmpty && !rest.IsEmpty)
        {
            var at = rest.IndexOf(StartCode);
            nalUnit = (at < 0 ? rest : rest[..at]).TrimEnd((byte)0);
            rest = at < 0 ? default : rest[(at + 3)..];
        }

        return !nalUnit.IsEmpty;
    }
}
