using Comms.Media.Wire.H264;

namespace Comms.Media.Wire.H265;

/// <summary>What a relay needs of a sequence parameter set. ITU-T H.265 §7.3.2.2.1 and §7.3.3.</summary>
public readonly record struct H265SequenceParameterSet
{
    private const uint MaxDimensionPixels = 16_384;
    private const int GeneralProfileBits = 88;
    private const int LevelBits = 8;
    private const int MaxSubLayers = 7;

    public required byte ProfileIdc { get; init; }

    /// <summary>Thirty times the level: 93 is level 3.1.</summary>
    public required byte LevelIdc { get; init; }

    public required int WidthPixels { get; init; }

    public required int HeightPixels { get; init; }

    /// <summary>How many pictures may follow a picture in decoding order and precede it in output order.</summary>
    public required int ReorderPictures { get; init; }

    /// <summary>Reads a whole NAL unit of type 33. False: another type, truncated, or values out of the standard's range.</summary>
    public static bool TryParse(ReadOnlySpan<byte> nalUnit, out H265SequenceParameterSet parameters)
    {
        parameters = default;
        if (nalUnit.Length < H265NalUnit.HeaderBytes + 13 || H265NalUnit.TypeOf(nalUnit[0]) != H265NalUnitType.Sps)
        {
            return false;
        }

        var bits = new BitReader(nalUnit[H265NalUnit.HeaderBytes..]);
        bits.Skip(4);
        var subLayers = (int)bits.ReadBits(3);
        bits.Skip(1);
        if (subLayers >= MaxSubLayers)
        {
            return false;
        }

        var profile = (byte)(bits.ReadBits(8) & 0x1F);
        bits.Skip(GeneralProfileBits - 8);
        var level = (byte)bits.ReadBits(LevelBits);
        SkipSubLayers(ref bits, subLayers);
        bits.ReadUe();
        var chroma = bits.ReadUe();
        bits.Skip(chroma == 3 ? 1 : 0);
        var width = bits.ReadUe();
        var height = bits.ReadUe();
        if (chroma > 3 || width is 0 or > MaxDimensionPixels || height is 0 or > MaxDimensionPixels)
        {
            return false;
        }

        var (cropX, cropY) = ReadWindow(ref bits, chroma);
        var reorder = ReadReordering(ref bits, subLayers);
        if (bits.IsOverrun || cropX >= width || cropY >= height || reorder > 16)
        {
            return false;
        }

        parameters = new H265SequenceParameterSet
        {
            ProfileIdc = profile,
            LevelIdc = level,
            WidthPixels = (int)(width - cropX),
            HeightPixels = (int)(height - cropY),
            ReorderPictures = (int)reorder,
        };
        return true;
    }

    private static void SkipSubLayers(ref BitReader bits, int subLayers)
    {
        if (subLayers == 0)
        {
            return;
        }

        var skipped = 0;
        for (var i = 0; i < subLayers; i++)
        {
            skipped += (bits.ReadFlag() ? GeneralProfileBits : 0) + (bits.ReadFlag() ? LevelBits : 0);
        }

        bits.Skip(2 * (8 - subLayers) + skipped);
    }

    private static (long X, long Y) ReadWindow(ref BitReader bits, uint chroma)
    {
        if (!bits.ReadFlag())
        {
            return default;
        }

        var unitX = chroma is 1 or 2 ? 2 : 1;
        var unitY = chroma == 1 ? 2 : 1;
        var x = ((long)bits.ReadUe() + bits.ReadUe()) * unitX;
        var y = ((long)bits.ReadUe() + bits.ReadUe()) * unitY;
        return (x, y);
    }

    /// <summary>Bit depths, the length of picture order counts, then the bounds of each sub-layer; the last one's counts.</summary>
    private static uint ReadReordering(ref BitReader bits, int subLayers)
    {
        bits.ReadUe();
        bits.ReadUe();
        bits.ReadUe();
        var reorder = 0u;
        for (var i = bits.ReadFlag() ? 0 : subLayers; i <= subLayers; i++)
        {
            bits.ReadUe();
            reorder = bits.ReadUe();
            bits.ReadUe();
        }

        return reorder;
    }
}
