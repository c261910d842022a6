namespace Comms.Media.Wire.H264;

/// <summary>
/// Reads bits, most significant first, of a NAL unit's payload and steps over emulation prevention bytes
/// (00 00 03, ITU-T H.264 §7.3.1). Past the end it yields zeros and sets <see cref="IsOverrun"/>.
/// </summary>
public ref struct BitReader(ReadOnlySpan<byte> payload)
{
    private readonly ReadOnlySpan<byte> _payload = payload;
    private int _byte;
    private int _bit;
    private int _zeros;

    public bool IsOverrun { get; private set; }

    public int ReadBit()
    {
        if (_bit == 0 && _zeros >= 2 && _byte < _payload.Length && _payload[_byte] == 3)
        {
            _byte++;
            _zeros = 0;
        }

        if (_byte >= _payload.Length)
        {
            IsOverrun = true;
            return 0;
        }

        var value = (_payload[_byte] >> (7 - _bit)) & 1;
        if (++_bit == 8)
        {
            _zeros = _payload[_byte] == 0 ? _zeros + 1 : 0;
            _bit = 0;
            _byte++;
        }

        return value;
    }

    public bool ReadFlag() => ReadBit() == 1;

    /// <summary>Reads up to 32 bits.</summary>
    public uint ReadBits(int count)
    {
        uint value = 0;
        for (var i = 0; i < count; i++)
        {
            value = (value << 1) | (uint)ReadBit();
        }

        return value;
    }

    public void Skip(int count)
    {
        for (var i = 0; i < count && !IsOverrun; i++)
        {
            ReadBit();
        }
    }

    /// <summary>Unsigned Exp-Golomb code, ITU-T H.264 §9.1. More than 31 leading zeros count as an overrun.</summary>
    public uint ReadUe()
    {
        var zeros = 0;
        while (!IsOverrun && ReadBit() == 0)
        {
            if (++zeros > 31)
            {
                IsOverrun = true;
            }
        }

        return IsOverrun ? 0 : (1u << zeros) - 1 + ReadBits(zeros);
    }

    /// <summary>Signed Exp-Golomb code, ITU-T H.264 §9.1.1.</summary>
    public int ReadSe()
    {
        var code = ReadUe();
        return (code & 1) == 1 ? (int)((code >> 1) + 1) : -(int)(code >> 1);
    }
}
