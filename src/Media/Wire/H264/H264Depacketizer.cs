namespace Comms.Media.Wire.H264;

/// <summary>Makes access units of H.264 payloads: single NAL units, STAP-A and FU-A, RFC 6184 §5.6, §5.7.1, §5.8.</summary>
public sealed class H264Depacketizer(IAccessUnitSink sink, int maxAccessUnitBytes = VideoDepacketizer.DefaultMaxBytes)
    : VideoDepacketizer(sink, maxAccessUnitBytes)
{
    protected override int HeaderBytes => 1;

    protected override NalPayloadKind KindOf(ReadOnlySpan<byte> payload) => NalUnit.TypeOf(payload[0]) switch
    {
        NalUnitType.FuA => NalPayloadKind.Fragment,
        NalUnitType.StapA => NalPayloadKind.Aggregate,
        >= NalUnitType.Slice and < NalUnitType.StapA => NalPayloadKind.Single,
        _ => NalPayloadKind.Unknown,
    };

    /// <summary>FU indicator <c>F NRI(2) Type(5)</c>, FU header <c>S E R Type(5)</c>.</summary>
    protected override void WriteFragmentedHeader(ReadOnlySpan<byte> payload, Span<byte> header) =>
        header[0] = (byte)((payload[0] & 0xE0) | (payload[1] & 0x1F));

    protected override bool IsStartingPoint(ReadOnlySpan<byte> nalUnit) => NalUnit.TypeOf(nalUnit[0]) switch
    {
        NalUnitType.Idr => true,
        NalUnitType.Sei => NalUnit.IsRecoveryPoint(nalUnit),
        _ => false,
    };

    protected override bool MayHoldOthers(ReadOnlySpan<byte> nalUnit) =>
        NalUnit.TypeOf(nalUnit[0]) is >= NalUnitType.Sei and <= NalUnitType.AccessUnitDelimiter;
}
