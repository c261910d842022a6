namespace Comms.Media.Wire.H264;

/// <summary>
/// The parameter sets that a stream uses now, from SDP (sprop-parameter-sets) and in band, so that every key frame can be
/// preceded by them. Owned by one loop; memory is allocated only when a set really changes.
/// </summary>
public sealed class ParameterSets
{
    /// <summary>Larger sets are left where they are in the stream: real ones have 10 to 60 bytes.</summary>
    public const int MaxSetBytes = 256;

    private const int MaxSets = 4;

    private readonly byte[]?[] _sps = new byte[]?[MaxSets];
    private readonly byte[]?[] _pps = new byte[]?[MaxSets];

    /// <summary>The newest sequence parameter set, parsed; null until there is one.</summary>
    public SequenceParameterSet? Sequence { get; private set; }

    public bool IsComplete => Sequence is not null && _pps[0] is not null;

    /// <summary>Sequence sets first, then picture sets; null behind the last of each.</summary>
    public byte[]? At(int index) => index < MaxSets ? _sps[index] : _pps[index - MaxSets];

    public static int Slots => 2 * MaxSets;

    /// <summary>Keeps a NAL unit of type 7 or 8. False: another type, too large, malformed, or no room for another id.</summary>
    public bool TryKeep(ReadOnlySpan<byte> nalUnit)
    {
        if (nalUnit.Length is < 2 or > MaxSetBytes)
        {
            return false;
        }

        var type = NalUnit.TypeOf(nalUnit[0]);
        if (type == NalUnitType.Pps)
        {
            var id = new BitReader(nalUnit[1..]).ReadUe();
            return TryStore(_pps, nalUnit, static kept => new BitReader(kept.AsSpan(1)).ReadUe(), id, out _);
        }

        if (type != NalUnitType.Sps || !SequenceParameterSet.TryParse(nalUnit, out var parsed))
        {
            return false;
        }

        var isKept = TryStore(_sps, nalUnit, static kept => new BitReader(kept.AsSpan(4)).ReadUe(), (uint)parsed.Id, out var isNew);
        if (isNew || Sequence is null)
        {
            Sequence = parsed;
        }

        return isKept;
    }

    /// <summary>Reads the comma-separated base64 of fmtp's sprop-parameter-sets, RFC 6184 §8.1; bad parts are passed over.</summary>
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

    private static bool TryStore(byte[]?[] slots, ReadOnlySpan<byte> nalUnit, Func<byte[], uint> idOf, uint id, out bool isNew)
    {
        isNew = false;
        for (var i = 0; i < slots.Length; i++)
        {
            var kept = slots[i];
            if (kept is not null && idOf(kept) != id)
            {
                continue;
            }

            if (kept is null || !nalUnit.SequenceEqual(kept))
            {
                slots[i] = nalUnit.ToArray();
                isNew = true;
            }

            return true;
        }

        return false;
    }
}
