namespace Comms.Media.Wire.H264;

/// <summary>
/// Cuts one access unit into RTP payloads for packetization-mode 1: neighbours that fit together share a STAP-A, what
/// does not fit is fragmented evenly (FU-A). RFC 6184 §5.7.1, §5.8. A key frame's parameter sets are put first and its
/// own copies, delimiters and filler are left out. Allocates nothing.
/// </summary>
public ref struct H264Packetizer : IVideoPacketizer
{
    /// <summary>Fits an SRTP packet with extensions into the 1,200 bytes that every path carries.</summary>
    public const int MaxPayloadBytes = 1150;

    private readonly AccessUnit _unit;
    private readonly ParameterSets _sets;
    private int _index;
    private int _offset;
    private int _fragmentBytes;

    public H264Packetizer(AccessUnit unit, ParameterSets sets)
    {
        _unit = unit;
        _sets = sets;
        _index = unit.IsKeyFrame ? -ParameterSets.Slots : 0;
        SkipToWanted();
    }

    /// <summary>False when every payload was written.</summary>
    public readonly bool HasMore => _index < _unit.Count;

    /// <summary>Writes the next payload into <paramref name="payload"/>, which holds at least <see cref="MaxPayloadBytes"/>.</summary>
    public int WriteNext(Span<byte> payload)
    {
        var first = Current;
        if (first.Length > MaxPayloadBytes)
        {
            return WriteFragment(first, payload);
        }

        var length = WriteAggregate(payload, out var count, out var nri);
        if (count > 1)
        {
            payload[0] = (byte)(nri | (byte)NalUnitType.StapA);
            return length;
        }

        first.CopyTo(payload);
        return first.Length;
    }

    private readonly ReadOnlySpan<byte> Current => _index < 0 ? _sets.At(_index + ParameterSets.Slots) : _unit[_index];

    private int WriteAggregate(Span<byte> payload, out int count, out int nri)
    {
        var at = 1;
        count = 0;
        nri = 0;
        while (HasMore && at + 2 + Current.Length <= MaxPayloadBytes)
        {
            var nalUnit = Current;
            payload[at] = (byte)(nalUnit.Length >> 8);
            payload[at + 1] = (byte)nalUnit.Length;
            nalUnit.CopyTo(payload[(at + 2)..]);
            at += 2 + nalUnit.Length;
            nri = Math.Max(nri, nalUnit[0] & 0x60);
            count++;
            Advance();
        }

        if (count == 0)
        {
            count = 1;
            Advance();
        }

        return at;
    }

    private int WriteFragment(ReadOnlySpan<byte> nalUnit, Span<byte> payload)
    {
        if (_offset == 0)
        {
            var parts = (nalUnit.Length - 1 + MaxPayloadBytes - 3) / (MaxPayloadBytes - 2);
            _fragmentBytes = (nalUnit.Length - 1 + parts - 1) / parts;
            _offset = 1;
        }

        var size = Math.Min(_fragmentBytes, nalUnit.Length - _offset);
        var isStart = _offset == 1;
        var isEnd = _offset + size == nalUnit.Length;
        payload[0] = (byte)((nalUnit[0] & 0xE0) | (byte)NalUnitType.FuA);
        payload[1] = (byte)((isStart ? 0x80 : 0) | (isEnd ? 0x40 : 0) | (nalUnit[0] & 0x1F));
        nalUnit.Slice(_offset, size).CopyTo(payload[2..]);
        _offset += size;
        if (isEnd)
        {
            Advance();
        }

        return 2 + size;
    }

    private void Advance()
    {
        _index++;
        _offset = 0;
        SkipToWanted();
    }

    private void SkipToWanted()
    {
        while (_index < 0 && _sets.At(_index + ParameterSets.Slots) is null)
        {
            _index++;
        }

        while (_index >= 0 && _index < _unit.Count && !IsWanted(_unit[_index]))
        {
            _index++;
        }
    }

    private readonly bool IsWanted(ReadOnlySpan<byte> nalUnit)
    {
        var type = NalUnit.TypeOf(nalUnit[0]);
        return type switch
        {
            NalUnitType.Sps or NalUnitType.Pps => !(_unit.IsKeyFrame && IsKept(nalUnit)),
            _ => !NalUnit.IsSuperfluous(type),
        };
    }

    private readonly bool IsKept(ReadOnlySpan<byte> nalUnit)
    {
        for (var i = 0; i < ParameterSets.Slots; i++)
        {
            if (nalUnit.SequenceEqual(_sets.At(i)))
            {
                return true;
            }
        }

        return false;
    }
}
