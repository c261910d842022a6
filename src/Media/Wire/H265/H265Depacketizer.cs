using Comms.Media.Wire.H264;

namespace Comms.Media.Wire.H265;

/// <summary>
/// Makes access units of H.265 payloads: single NAL units, aggregation packets and fragmentation units without decoding order
/// numbers (sprop-max-don-diff=0, as every camera sends). RFC 7798 §4.4.
/// </summary>
public sealed class H265Depacketizer(IAccessUnitSink sink, int maxAccessUnitBytes = VideoDepacketizer.DefaultMaxBytes)
    : VideoDepacketizer(sink, maxAccessUnitBytes)
{
    protected override int HeaderBytes => H265NalUnit.HeaderBytes;

    protected override NalPayloadKind KindOf(ReadOnlySpan<byte> payload) => H265NalUnit.TypeOf(payload[0]) switch
    {
        _ when payload.Length < H265NalUnit.HeaderBytes => NalPayloadKind.Unknown,
        H265NalUnitType.Fragment => NalPayloadKind.Fragment,
        H265NalUnitType.Aggregate => NalPayloadKind.Aggregate,
        < H265NalUnitType.Aggregate => NalPayloadKind.Single,
        _ => NalPayloadKind.Unknown,
    };

    /// <summary>Payload header of two bytes, then FU header <c>S E Type(6)</c>.</summary>
    protected override void WriteFragmentedHeader(ReadOnlySpan<byte> payload, Span<byte> header)
    {
        header[0] = (byte)((payload[0] & 0x81) | ((payload[2] & 0x3F) << 1));
        header[1] = payload[1];
    }

    protected override bool IsStartingPoint(ReadOnlySpan<byte> nalUnit) => H265NalUnit.IsStartingPoint(nalUnit);

    protected override bool MayHoldOthers(ReadOnlySpan<byte> nalUnit) =>
        H265NalUnit.TypeOf(nalUnit[0]) is >= H265NalUnitType.Vps and <= H265NalUnitType.PrefixSei;
}
