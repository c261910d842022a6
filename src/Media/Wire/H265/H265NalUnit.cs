using Comms.Media.Wire.H264;

namespace Comms.Media.Wire.H265;

/// <summary>The nal_unit_type values that a relay has to know. ITU-T H.265 table 7-1; 48 and up are RFC 7798 §4.4.</summary>
public enum H265NalUnitType : byte
{
    /// <summary>Broken link access: the first of the pictures at which a decoder may start.</summary>
    BlaWithLeading = 16,
    IdrWithLeading = 19,
    Idr = 20,
    CleanRandomAccess = 21,
    LastRandomAccess = 23,
    LastSlice = 31,
    Vps = 32,
    Sps = 33,
    Pps = 34,
    AccessUnitDelimiter = 35,
    EndOfSequence = 36,
    EndOfBitstream = 37,
    Filler = 38,
    PrefixSei = 39,
    SuffixSei = 40,
    Aggregate = 48,
    Fragment = 49,
    Paci = 50,
}

/// <summary>
/// Reads single fields of a NAL unit. Its first two bytes are <c>F Type(6) LayerId(6) TemporalIdPlus1(3)</c>, ITU-T H.265
/// §7.3.1.2. Spans begin at those, without start code or length.
/// </summary>
public static class H265NalUnit
{
    public const int HeaderBytes = 2;

    public static H265NalUnitType TypeOf(byte header) => (H265NalUnitType)((header >> 1) & 0x3F);

    public static bool IsSlice(H265NalUnitType type) => type <= H265NalUnitType.LastSlice;

    public static bool IsParameterSet(H265NalUnitType type) => type is >= H265NalUnitType.Vps and <= H265NalUnitType.Pps;

    /// <summary>A slice of an intra random access point, or a message that announces a recovery point.</summary>
    public static bool IsStartingPoint(ReadOnlySpan<byte> nalUnit) => TypeOf(nalUnit[0]) switch
    {
        >= H265NalUnitType.BlaWithLeading and <= H265NalUnitType.LastRandomAccess => true,
        H265NalUnitType.PrefixSei => NalUnit.IsRecoveryPoint(nalUnit[1..]),
        _ => false,
    };

    /// <summary>True for units that no decoder behind RTP needs: delimiters, end marks and filler data.</summary>
    public static bool IsSuperfluous(H265NalUnitType type) =>
        type is >= H265NalUnitType.AccessUnitDelimiter and <= H265NalUnitType.Filler;
}
