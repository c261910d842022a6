using System.Globalization;
using Comms.Media.Wire.H264;
using Comms.Media.Wire.H265;

namespace Comms.CameraSimulator;

/// <summary>One frame as it goes over the wire: its RTP payloads and its place in output order.</summary>
internal sealed record ClipFrame(IReadOnlyList<byte[]> Payloads, bool IsKeyFrame, int OutputIndex);

/// <summary>A clip in memory, cut into RTP payloads once; immutable and shared by all who play it.</summary>
internal sealed class Clip
{
    private const int LargestFragmentBytes = 60_000;

    private Clip(IReadOnlyList<ClipFrame> frames, string format) => (Frames, Format) = (frames, format);

    public IReadOnlyList<ClipFrame> Frames { get; }

    /// <summary>The rtpmap and fmtp lines of payload type 96, RFC 6184 §8.2.1 and RFC 7798 §7.2.</summary>
    public string Format { get; }

    public static Clip Load(string path, ClipKind kind) =>
        kind == ClipKind.H265 ? LoadH265(File.ReadAllBytes(path)) : LoadH264(File.ReadAllBytes(path), kind);

    private static Clip LoadH264(byte[] stream, ClipKind kind)
    {
        var sets = new ParameterSets();
        var units = SplitIntoUnits(stream, static nalUnit => NalUnit.IsSlice(NalUnit.TypeOf(nalUnit[0])));
        var order = OutputOrder(units);
        foreach (var nalUnit in units.SelectMany(unit => unit))
        {
            sets.TryKeep(nalUnit);
        }

        var sps = sets.At(0)!;
        var pps = sets.At(ParameterSets.Slots / 2)!;
        var format = string.Create(
            CultureInfo.InvariantCulture,
            $"a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1;profile-level-id={Convert.ToHexString(sps.AsSpan(1, 3))}");
        if (kind == ClipKind.WithoutSets)
        {
            sets = new ParameterSets();
            units.ForEach(unit => unit.RemoveAll(nalUnit => NalUnit.TypeOf(nalUnit[0]) is NalUnitType.Sps or NalUnitType.Pps));
        }
        else
        {
            format += $";sprop-parameter-sets={Convert.ToBase64String(sps)},{Convert.ToBase64String(pps)}";
        }

        var frames = units.Select((unit, i) => Frame(
            unit,
            unit.Any(nalUnit => NalUnit.TypeOf(nalUnit[0]) == NalUnitType.Idr),
            order[i],
            access => kind == ClipKind.LargePackets ? CutLarge(unit) : Cut(new H264Packetizer(access, sets))));
        return new Clip([.. frames], format + "\r\n");
    }

    private static Clip LoadH265(byte[] stream)
    {
        var sets = new H265ParameterSets();
        var units = SplitIntoUnits(stream, static nalUnit => H265NalUnit.IsSlice(H265NalUnit.TypeOf(nalUnit[0])));
        foreach (var nalUnit in units.SelectMany(unit => unit))
        {
            sets.TryKeep(nalUnit);
        }

        var frames = units.Select((unit, i) => Frame(
            unit, unit.Any(nalUnit => H265NalUnit.IsStartingPoint(nalUnit)), i, access => Cut(new H265Packetizer(access, sets))));
        string[] names = ["sprop-vps", "sprop-sps", "sprop-pps"];
        var sprop = names.Select((name, i) => $"{name}={Convert.ToBase64String(sets.At(i)!)}");
        return new Clip([.. frames], $"a=rtpmap:96 H265/90000\r\na=fmtp:96 {string.Join(';', sprop)}\r\n");
    }

    /// <summary>Every slice of these clips is a whole picture, so a slice ends a unit.</summary>
    private static List<List<byte[]>> SplitIntoUnits(byte[] stream, Predicate<byte[]> isSlice)
    {
        var units = new List<List<byte[]>>();
        var open = new List<byte[]>();
        ReadOnlySpan<byte> rest = stream;
        while (AnnexB.TryReadNext(ref rest, out var nalUnit))
        {
            open.Add(nalUnit.ToArray());
            if (isSlice(open[^1]))
            {
                units.Add(open);
                open = [];
            }
        }

        return units;
    }

    /// <summary>B-frames follow, in decoding order, the reference that they precede in output order.</summary>
    private static int[] OutputOrder(List<List<byte[]>> units)
    {
        var order = new int[units.Count];
        var next = 0;
        for (var i = 0; i < units.Count;)
        {
            var after = i + 1;
            while (after < units.Count && NalUnit.IsBSlice(units[after][^1]))
            {
                order[after++] = next++;
            }

            order[i] = next++;
            i = after;
        }

        return order;
    }

    private static ClipFrame Frame(List<byte[]> nalUnits, bool isKeyFrame, int outputIndex, CutUnit cut)
    {
        var ranges = new List<NalRange>();
        var bytes = new List<byte>();
        foreach (var nalUnit in nalUnits)
        {
            ranges.Add(new NalRange(bytes.Count, nalUnit.Length));
            bytes.AddRange(nalUnit);
        }

        return new ClipFrame(cut(new AccessUnit(bytes.ToArray(), ranges.ToArray(), 0, isKeyFrame)), isKeyFrame, outputIndex);
    }

    private delegate List<byte[]> CutUnit(AccessUnit unit);

    private static List<byte[]> Cut<TPacketizer>(TPacketizer packetizer)
        where TPacketizer : IVideoPacketizer, allows ref struct
    {
        var payloads = new List<byte[]>();
        var payload = new byte[H264Packetizer.MaxPayloadBytes];
        while (packetizer.HasMore)
        {
            payloads.Add(payload[..packetizer.WriteNext(payload)]);
        }

        return payloads;
    }

    /// <summary>Whole NAL units, and fragments (FU-A) only of what even an interleaved frame cannot hold.</summary>
    private static List<byte[]> CutLarge(List<byte[]> nalUnits)
    {
        var payloads = new List<byte[]>();
        foreach (var nalUnit in nalUnits)
        {
            for (var at = 1; at < nalUnit.Length && nalUnit.Length > LargestFragmentBytes; at += LargestFragmentBytes)
            {
                var size = Math.Min(LargestFragmentBytes, nalUnit.Length - at);
                var edges = (at == 1 ? 0x80 : 0) | (at + size == nalUnit.Length ? 0x40 : 0);
                payloads.Add([(byte)((nalUnit[0] & 0xE0) | (byte)NalUnitType.FuA), (byte)(edges | (nalUnit[0] & 0x1F)), .. nalUnit.AsSpan(at, size)]);
            }

            if (nalUnit.Length <= LargestFragmentBytes)
            {
                payloads.Add(nalUnit);
            }
        }

        return payloads;
    }
}
