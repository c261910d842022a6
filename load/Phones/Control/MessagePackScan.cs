namespace Comms.Phones.Control;

/// <summary>Walks through MessagePack without making objects. A malformed or short input reads as zeros and sets <see cref="IsBroken"/>.</summary>
internal ref struct MessagePackScan(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public bool IsBroken { get; private set; }

    /// <summary>Bytes not walked through yet.</summary>
    public readonly int Left => _rest.Length;

    public readonly bool IsNil => !_rest.IsEmpty && _rest[0] == 0xC0;

    /// <summary>Element count; −1 for nil.</summary>
    public int Array()
    {
        byte kind = Byte();
        return kind switch
        {
            >= 0x90 and <= 0x9F => kind & 0x0F,
            0xDC => (int)Big(2),
            0xDD => (int)Big(4),
            0xC0 => -1,
            _ => Break(),
        };
    }

    /// <summary>Pair count; −1 for nil.</summary>
    public int Map()
    {
        byte kind = Byte();
        return kind switch
        {
            >= 0x80 and <= 0x8F => kind & 0x0F,
            0xDE => (int)Big(2),
            0xDF => (int)Big(4),
            0xC0 => -1,
            _ => Break(),
        };
    }

    /// <summary>A string's bytes, empty for nil.</summary>
    public ReadOnlySpan<byte> Text()
    {
        byte kind = Byte();
        int length = kind switch
        {
            >= 0xA0 and <= 0xBF => kind & 0x1F,
            0xD9 => (int)Big(1),
            0xDA => (int)Big(2),
            0xDB => (int)Big(4),
            0xC0 => 0,
            _ => Break(),
        };
        return Take(length);
    }

    public long Number()
    {
        byte kind = Byte();
        return kind switch
        {
            <= 0x7F => kind,
            >= 0xE0 => (sbyte)kind,
            0xCC => (long)Big(1),
            0xCD => (long)Big(2),
            0xCE => (long)Big(4),
            0xCF or 0xD3 => (long)Big(8),
            0xD0 => (sbyte)Big(1),
            0xD1 => (short)Big(2),
            0xD2 => (int)Big(4),
            _ => Break(),
        };
    }

    public void Skip()
    {
        if (_rest.IsEmpty)
        {
            Break();
            return;
        }

        byte kind = _rest[0];
        switch (kind)
        {
            case >= 0x80 and <= 0x8F or 0xDE or 0xDF:
                SkipMany(2 * Map());
                return;
            case >= 0x90 and <= 0x9F or 0xDC or 0xDD:
                SkipMany(Array());
                return;
            case >= 0xA0 and <= 0xBF or 0xD9 or 0xDA or 0xDB:
                Text();
                return;
            case 0xC0 or 0xC2 or 0xC3:
                Take(1);
                return;
            case 0xCA:
                Take(5);
                return;
            case 0xCB:
                Take(9);
                return;
            case 0xC4:
                Take(1);
                Take((int)Big(1));
                return;
            default:
                Number();
                return;
        }
    }

    private void SkipMany(int count)
    {
        for (int i = 0; i < count && !IsBroken; i++) Skip();
    }

    private byte Byte()
    {
        var one = Take(1);
        return one.IsEmpty ? (byte)0xC1 : one[0];
    }

    private ulong Big(int bytes)
    {
        var part = Take(bytes);
        ulong value = 0;
        foreach (byte each in part) value = value << 8 | each;
        return value;
    }

    private ReadOnlySpan<byte> Take(int bytes)
    {
        if ((uint)bytes > (uint)_rest.Length)
        {
            Break();
            return default;
        }

        var taken = _rest[..bytes];
        _rest = _rest[bytes..];
        return taken;
    }

    private int Break()
    {
        IsBroken = true;
        _rest = default;
        return 0;
    }
}
