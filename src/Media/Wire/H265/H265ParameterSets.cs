using Comms.Media.Wire.H264;

namespace Comms.Media.Wire.H265;

/// <summary>
/// The parameter sets that a stream uses now, from SDP (sprop-vps, sprop-sps, sprop-pps) and in band, so that every key frame can
/// be preceded by them. One video and one sequence set, up to four picture sets. Owned by one loop; memory is allocated only
/// when a set really changes.
/// </summary>
public sealed class H265ParameterSets
{
    /// <summary>Larger sets are left where they are in the stream.</summary>
    public const int MaxSetBytes = 512;

    private const int FirstPps = 2;

    private readonly byte[]?[] _sets = new byte[]?[Slots];

    /// <summary>Video, sequence, then picture sets; null behind the last.</summary>
    public static int Slots => 6;

    /// <summary>The newest sequence parameter set, parsed; null until there is one.</summary>
    public H265SequenceParameterSet? Sequence { get; private set; }

    public bool IsComplete => _sets[0] is not null && Sequence is not null && _sets[FirstPps] is not null;

    public byte[]? At(int index) => _sets[index];

    public bool Holds(ReadOnlySpan<byte> nalUnit)
    {
        foreach (var set in _sets)
        {
            if (nalUnit.SequenceEqual(set))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Keeps a NAL unit of type 32, 33 or 34. False: another type, too large, malformed, or no room for another id.</summary>
    public bool TryKeep(ReadOnlySpan<byte> nalUnit)
    {
        if (nalUnit.Length is < H265NalUnit.HeaderBytes + 1 or > MaxSetBytes)
        {
            return false;
        }

        switch (H265NalUnit.TypeOf(nalUnit[0]))
        {
            case H265NalUnitType.Vps:
                Put(0, nalUnit);
                return true;
            case H265NalUnitType.Sps when H265SequenceParameterSet.TryParse(nalUnit, out var parsed):
                Put(1, nalUnit);
                Sequence = parsed;
                return true;
            case H265NalUnitType.Pps:
                return TryKeepPps(nalUnit);
            default:
                return false;
        }
    }

    /// <summary>Reads comma-separated base64, RFC 7798 §7.1; bad parts are passed over.</summary>
    public void KeepSprop(ReadOnlySpan<char> sprop)
    {
        Span<byte> nalUnit = stackalloc byte[MaxSetBytes];
        foreach (var part in sprop.Split(','))
        {
            if (Convert.TryFromBase64Chars(sprop[part].Trim(), nalUnit, out var length))
            {
                TryKeep(nalUnit[..length]);
            }
        }
    }

    private bool TryKeepPps(ReadOnlySpan<byte> nalUnit)
    {
        var id = IdOf(nalUnit);
        for (var i = FirstPps; i < Slots; i++)
        {
            if (_sets[i] is not { } kept || IdOf(kept) == id)
            {
                Put(i, nalUnit);
                return true;
            }
        }

        return false;
    }

    private void Put(int slot, ReadOnlySpan<byte> nalUnit)
    {
        if (!nalUnit.SequenceEqual(_sets[slot]))
        {
            _sets[slot] = nalUnit.ToArray();
        }
    }

    private static uint IdOf(ReadOnlySpan<byte> pps) => new BitReader(pps[H265NalUnit.HeaderBytes..]).ReadUe();
}
