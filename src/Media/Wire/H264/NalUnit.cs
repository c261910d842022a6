namespace Comms.Media.Wire.H264;

/// <summary>
/// Reads single fields of a NAL unit. Its first byte is <c>F NRI(2) Type(5)</c>, ITU-T H.264 §7.3.1.
/// Spans begin at that byte, without start code or length.
/// </summary>
public static class NalUnit
{
    /// <summary>recovery_point, ITU-T H.264 §D.1.8.</summary>
    private const int RecoveryPointPayloadType = 6;

    public static NalUnitType TypeOf(byte header) => (NalUnitType)(header & 0x1F);

    public static bool IsSlice(NalUnitType type) => type is >= NalUnitType.Slice and <= NalUnitType.Idr;

    /// <summary>True for units that no WebRTC decoder needs: delimiters, end marks and filler data.</summary>
    public static bool IsSuperfluous(NalUnitType type) =>
        type is >= NalUnitType.AccessUnitDelimiter and <= NalUnitType.Filler;

    /// <summary>True when a slice (types 1, 2, 5) is bi-predicted. ITU-T H.264 §7.3.3: first_mb_in_slice, slice_type.</summary>
    public static bool IsBSlice(ReadOnlySpan<byte> nalUnit)
    {
        if (nalUnit.Length < 2 || TypeOf(nalUnit[0]) is not (NalUnitType.Slice or NalUnitType.SlicePartitionA))
        {
            return false;
        }

        var bits = new BitReader(nalUnit[1..]);
        bits.ReadUe();
        var sliceType = bits.ReadUe();
        return !bits.IsOverrun && sliceType <= 9 && sliceType % 5 == 1;
    }

    /// <summary>True when an SEI unit announces a point from which a decoder may begin. ITU-T H.264 §7.3.2.3.1.</summary>
    public static bool IsRecoveryPoint(ReadOnlySpan<byte> nalUnit)
    {
        var at = 1;
        while (at < nalUnit.Length && nalUnit[at] != 0x80)
        {
            if (!TryReadSeiNumber(nalUnit, ref at, out var type) || !TryReadSeiNumber(nalUnit, ref at, out var size))
            {
                return false;
            }

            if (type == RecoveryPointPayloadType)
            {
                return true;
            }

            at += size;
        }

        return false;
    }

    private static bool TryReadSeiNumber(ReadOnlySpan<byte> nalUnit, ref int at, out int value)
    {
        value = 0;
        while (at < nalUnit.Length)
        {
            var part = nalUnit[at++];
            value += part;
            if (part != 0xFF)
            {
                return true;
            }
        }

        return false;
    }
}
