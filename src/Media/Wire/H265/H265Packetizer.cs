using Comms.Media.Wire.H264;

namespace Comms.Media.Wire.H265;

/// <summary>
/// Cuts one access unit into RTP payloads: neighbours that fit together share an aggregation packet, what does not fit is
/// fragmented evenly. RFC 7798 §4.4.2, §4.4.3. A key frame's parameter sets are put first and its own copies, delimiters and
/// filler are left out. Allocates nothing.
/// </summary>
public ref struct H265Packetizer : IVideoPacketizer
{
    private const int MaxPayloadBytes = H264Packetizer.MaxPayloadBytes;
    private const int HeaderBytes = H265NalUnit.HeaderBytes;

    private readonly AccessUnit _unit;
    private readonly H265ParameterSets _sets;
    private int _index;
    private int _offset;
    private int _fragmentBytes;

    public H265Packetizer(AccessUnit unit, H265ParameterSets sets)
    {
        _unit = unit;
        _sets = sets;
        _index = unit.IsKeyFrame ? -H265ParameterSets.Slots : 0;
        SkipToWanted();
    }

    public readonly bool HasMore => _index < _unit.Count;

    public int WriteNext(Span<byte> payload)
    {
        var first = Current;
        if (first.Length > MaxPayloadBytes)
        {
            return WriteFragment(first, payload);
        }

        var length = WriteAggregate(payload, out var count, out var layer);
        if (count > 1)
        {
            payload[0] = (byte)H265NalUnitType.Aggregate << 1;
            payload[1] = layer;
            return length;
        }

        first.CopyTo(payload);
        return first.Length;
    }

    private readonly ReadOnlySpan<byte> Current => _index < 0 ? _sets.At(_index + H265ParameterSets.Slots) : _unit[_index];

    /// <param name="layer">Layer and temporal id: the lowest of all units, RFC 7798 §4.4.2.</param>
    private int WriteAggregate(Span<byte> payload, out int count, out byte layer)
    {
        var at = HeaderBytes;
        count = 0;
        layer = byte.MaxValue;
        while (HasMore && at + 2 + Current.Length <= MaxPayloadBytes)
        {
            var nalUnit = Current;
            payload[at] = (byte)(nalUnit.Length >> 8);
            payload[at + 1] = (byte)nalUnit.Length;
            nalUnit.CopyTo(payload[(at + 2)..]);
            at += 2 + nalUnit.Length;
            layer = Math.Min(layer, nalUnit[1]);
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
        const int Overhead = HeaderBytes + 1;
        if (_offset == 0)
        {
            var content = nalUnit.Length - HeaderBytes;
            var parts = (content + MaxPayloadBytes - Overhead - 1) / (MaxPayloadBytes - Overhead);
            _fragmentBytes = (content + parts - 1) / parts;
            _offset = HeaderBytes;
        }

        var size = Math.Min(_fragmentBytes, nalUnit.Length - _offset);
        var isStart = _offset == HeaderBytes;
        var isEnd = _offset + size == nalUnit.Length;
        payload[0] = (byte)((nalUnit[0] & 0x81) | ((byte)H265NalUnitType.Fragment << 1));
        payload[1] = nalUnit[1];
        payload[2] = (byte)((isStart ? 0x80 : 0) | (isEnd ? 0x40 : 0) | (byte)H265NalUnit.TypeOf(nalUnit[0]));
        nalUnit.Slice(_offset, size).CopyTo(payload[Overhead..]);
        _offset += size;
        if (isEnd)
        {
            Advance();
        }

        return Overhead + size;
    }

    private void Advance()
    {
        _index++;
        _offset = 0;
        SkipToWanted();
    }

    private void SkipToWanted()
    {
        while (_index < 0 && _sets.At(_index + H265ParameterSets.Slots) is null)
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
        var type = H265NalUnit.TypeOf(nalUnit[0]);
        return H265NalUnit.IsParameterSet(type) ? !(_unit.IsKeyFrame && _sets.Holds(nalUnit)) : !H265NalUnit.IsSuperfluous(type);
    }
}
