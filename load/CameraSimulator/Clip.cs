using Comms.Media.Wire.H264;

namespace Comms.CameraSimulator;

/// <summary>One frame as it goes over the wire: its RTP payloads and its place in output order.</summary>
internal sealed record ClipFrame(IReadOnlyList<byte[]> Payloads, bool IsKeyFrame, int OutputIndex);

/// <summary>A clip in memory, cut into RTP payloads once; immutable and shared by all who play it.</summary>
internal sealed class Clip
{
    private Clip(IReadOnlyList<ClipFrame> frames, ParameterSets sets)
    {
        Frames = frames;
        var sps = sets.At(0)!;
        var pps = sets.At(ParameterSets.Slots / 2)!;
        ProfileLevelId = Convert.ToHexString(sps.AsSpan(1, 3));
        Sprop = $"{Convert.ToBase64String(sps)},{Convert.ToBase64String(pps)}";
    }

    public IReadOnlyList<ClipFrame> Frames { get; }

    public string ProfileLevelId { get; }

    /// <summary>sprop-parameter-sets, RFC 6184 §8.1.</summary>
    public string Sprop { get; }

    public static Clip Load(string path)
    {
        var sets = new ParameterSets();
        var units = SplitIntoUnits(File.ReadAllBytes(path), sets);
        var order = OutputOrder(units);
        var frames = new List<ClipFrame>(units.Count);
        for (var i = 0; i < units.Count; i++)
        {
            frames.Add(Packetize(units[i], sets, order[i]));
        }

        return new Clip(frames, sets);
    }

    /// <summary>Every slice of these clips is a whole picture, so a slice ends a unit.</summary>
    private static List<List<byte[]>> SplitIntoUnits(byte[] stream, ParameterSets sets)
    {
        var units = new List<List<byte[]>>();
        var open = new List<byte[]>();
        ReadOnlySpan<byte> rest = stream;
        while (AnnexB.TryReadNext(ref rest, out var nalUnit))
        {
            open.Add(nalUnit.ToArray());
            var type = NalUnit.TypeOf(nalUnit[0]);
            if (type is NalUnitType.Sps or NalUnitType.Pps)
            {
                sets.TryKeep(nalUnit);
            }
            else if (NalUnit.IsSlice(type))
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

    private static ClipFrame Packetize(List<byte[]> nalUnits, ParameterSets sets, int outputIndex)
    {
        var ranges = new List<NalRange>();
        var bytes = new List<byte>();
        var isKeyFrame = false;
        foreach (var nalUnit in nalUnits)
        {
            ranges.Add(new NalRange(bytes.Count, nalUnit.Length));
            bytes.AddRange(nalUnit);
            isKeyFrame |= NalUnit.TypeOf(nalUnit[0]) == NalUnitType.Idr;
        }

        var payloads = new List<byte[]>();
        var payload = new byte[H264Packetizer.MaxPayloadBytes];
        var unit = new AccessUnit(bytes.ToArray(), ranges.ToArray(), 0, isKeyFrame);
        for (var packetizer = new H264Packetizer(unit, sets); packetizer.HasMore;)
        {
            payloads.Add(payload[..packetizer.WriteNext(payload)]);
        }

        return new ClipFrame(payloads, isKeyFrame, outputIndex);
    }
}
