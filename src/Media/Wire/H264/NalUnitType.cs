namespace Comms.Media.Wire.H264;

/// <summary>The nal_unit_type values that a relay has to know. ITU-T H.264 table 7-1; 24 and up are RFC 6184 table 1.</summary>
public enum NalUnitType : byte
{
    Slice = 1,
    SlicePartitionA = 2,
    Idr = 5,
    Sei = 6,
    Sps = 7,
    Pps = 8,
    AccessUnitDelimiter = 9,
    EndOfSequence = 10,
    EndOfStream = 11,
    Filler = 12,
    StapA = 24,
    StapB = 25,
    Mtap16 = 26,
    Mtap24 = 27,
    FuA = 28,
    FuB = 29,
}
