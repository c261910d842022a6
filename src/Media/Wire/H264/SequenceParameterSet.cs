namespace Comms.Media.Wire.H264;

/// <summary>What a relay needs of a sequence parameter set. ITU-T H.264 §7.3.2.1.1 and §E.1.1.</summary>
public readonly record struct SequenceParameterSet
{
    private const int ExtendedSar = 255;
    private const uint MaxDimensionMacroblocks = 1024;

    public required byte ProfileIdc { get; init; }

    /// <summary>constraint_set0_flag is the highest bit, as in SDP's profile-level-id.</summary>
    public required byte Constraints { get; init; }

    /// <summary>Ten times the level: 31 is level 3.1.</summary>
    public required byte LevelIdc { get; init; }

    public required int Id { get; init; }

    public required int WidthPixels { get; init; }

    public required int HeightPixels { get; init; }

    /// <summary>How many frames may follow a frame in decoding order and precede it in output order; -1 when not stated.</summary>
    public required int ReorderFrames { get; init; }

    /// <summary>Reads a whole NAL unit of type 7. False: another type, truncated, or values out of the standard's range.</summary>
    public static bool TryParse(ReadOnlySpan<byte> nalUnit, out SequenceParameterSet parameters)
    {
        parameters = default;
        if (nalUnit.Length < 5 || NalUnit.TypeOf(nalUnit[0]) != NalUnitType.Sps)
        {
            return false;
        }

        var profile = nalUnit[1];
        var bits = new BitReader(nalUnit[4..]);
        var id = bits.ReadUe();
        var chromaFormat = 1u;
        var separatePlanes = false;
        if (profile is 100 or 110 or 122 or 244 or 44 or 83 or 86 or 118 or 128 or 138 or 139 or 134 or 135)
        {
            ReadHighProfileFields(ref bits, out chromaFormat, out separatePlanes);
        }

        bits.ReadUe();
        var orderType = ReadPictureOrder(ref bits);
        bits.ReadUe();
        bits.Skip(1);
        var widthMbs = bits.ReadUe();
        var heightMapUnits = bits.ReadUe();
        var framesOnly = bits.ReadFlag();
        if (widthMbs >= MaxDimensionMacroblocks || heightMapUnits >= MaxDimensionMacroblocks || id > 31 || chromaFormat > 3)
        {
            return false;
        }

        bits.Skip(framesOnly ? 1 : 2);
        var fieldFactor = framesOnly ? 1 : 2;
        var width = (int)(widthMbs + 1) * 16;
        var height = (int)(heightMapUnits + 1) * 16 * fieldFactor;
        if (!TryCrop(ref bits, separatePlanes ? 0 : chromaFormat, fieldFactor, ref width, ref height) || bits.IsOverrun)
        {
            return false;
        }

        parameters = new SequenceParameterSet
        {
            ProfileIdc = profile,
            Constraints = nalUnit[2],
            LevelIdc = nalUnit[3],
            Id = (int)id,
            WidthPixels = width,
            HeightPixels = height,
            ReorderFrames = profile == 66 || orderType == 2 ? 0 : ReadReorderFrames(ref bits),
        };
        return true;
    }

    private static void ReadHighProfileFields(ref BitReader bits, out uint chromaFormat, out bool separatePlanes)
    {
        chromaFormat = bits.ReadUe();
        separatePlanes = chromaFormat == 3 && bits.ReadFlag();
        bits.ReadUe();
        bits.ReadUe();
        bits.Skip(1);
        if (!bits.ReadFlag())
        {
            return;
        }

        var lists = chromaFormat == 3 ? 12 : 8;
        for (var i = 0; i < lists && !bits.IsOverrun; i++)
        {
            if (bits.ReadFlag())
            {
                SkipScalingList(ref bits, i < 6 ? 16 : 64);
            }
        }
    }

    private static void SkipScalingList(ref BitReader bits, int size)
    {
        var last = 8;
        var next = 8;
        for (var i = 0; i < size && !bits.IsOverrun; i++)
        {
            if (next != 0)
            {
                next = (last + bits.ReadSe() + 256) & 0xFF;
            }

            last = next == 0 ? last : next;
        }
    }

    private static uint ReadPictureOrder(ref BitReader bits)
    {
        var type = bits.ReadUe();
        if (type == 0)
        {
            bits.ReadUe();
        }
        else if (type == 1)
        {
            bits.Skip(1);
            bits.ReadSe();
            bits.ReadSe();
            var cycle = bits.ReadUe();
            for (var i = 0u; i < cycle && i < 256 && !bits.IsOverrun; i++)
            {
                bits.ReadSe();
            }
        }

        return type;
    }

    private static bool TryCrop(ref BitReader bits, uint chromaFormat, int fieldFactor, ref int width, ref int height)
    {
        if (!bits.ReadFlag())
        {
            return true;
        }

        var unitX = chromaFormat is 1 or 2 ? 2 : 1;
        var unitY = (chromaFormat == 1 ? 2 : 1) * fieldFactor;
        var cropX = ((long)bits.ReadUe() + bits.ReadUe()) * unitX;
        var cropY = ((long)bits.ReadUe() + bits.ReadUe()) * unitY;
        if (cropX >= width || cropY >= height)
        {
            return false;
        }

        width -= (int)cropX;
        height -= (int)cropY;
        return true;
    }

    private static int ReadReorderFrames(ref BitReader bits)
    {
        if (!bits.ReadFlag())
        {
            return -1;
        }

        if (bits.ReadFlag() && bits.ReadBits(8) == ExtendedSar)
        {
            bits.Skip(32);
        }

        bits.Skip(bits.ReadFlag() ? 1 : 0);
        if (bits.ReadFlag())
        {
            bits.Skip(4);
            bits.Skip(bits.ReadFlag() ? 24 : 0);
        }

        if (bits.ReadFlag())
        {
            bits.ReadUe();
            bits.ReadUe();
        }

        bits.Skip(bits.ReadFlag() ? 65 : 0);
        var nalHrd = bits.ReadFlag();
        SkipHrd(ref bits, nalHrd);
        var vclHrd = bits.ReadFlag();
        SkipHrd(ref bits, vclHrd);
        bits.Skip(nalHrd || vclHrd ? 2 : 1);
        if (!bits.ReadFlag())
        {
            return -1;
        }

        bits.Skip(1);
        bits.ReadUe();
        bits.ReadUe();
        bits.ReadUe();
        bits.ReadUe();
        var reorder = bits.ReadUe();
        return bits.IsOverrun || reorder > 16 ? -1 : (int)reorder;
    }

    private static void SkipHrd(ref BitReader bits, bool isPresent)
    {
        if (!isPresent)
        {
            return;
        }

        var count = bits.ReadUe();
        bits.Skip(8);
        for (var i = 0u; i <= count && i < 32 && !bits.IsOverrun; i++)
        {
            bits.ReadUe();
            bits.ReadUe();
            bits.Skip(1);
        }

        bits.Skip(20);
    }
}
