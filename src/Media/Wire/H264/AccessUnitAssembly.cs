using System.Buffers;

namespace Comms.Media.Wire.H264;

/// <summary>
/// Collects the NAL units of one access unit in memory rented while a unit is open, so that ten thousand idle streams
/// hold none. Over its bound it refuses bytes; the owner then drops the unit.
/// </summary>
internal struct AccessUnitAssembly
{
    private const int FirstRentBytes = 4096;
    private const int FirstRentNalUnits = 16;
    private const int MaxNalUnits = 1024;

    private byte[]? _bytes;
    private NalRange[]? _ranges;
    private int _length;
    private int _count;
    private int _openAt;

    public readonly bool IsEmpty => _count == 0 && _openAt == _length;

    public readonly ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    public readonly ReadOnlySpan<NalRange> NalUnits => _ranges.AsSpan(0, _count);

    public readonly ReadOnlySpan<byte> OpenNalUnit => _bytes.AsSpan(_openAt, _length - _openAt);

    public bool TryAppend(ReadOnlySpan<byte> bytes, int maxBytes)
    {
        if (_length + bytes.Length > maxBytes)
        {
            return false;
        }

        if (_bytes is null || _length + bytes.Length > _bytes.Length)
        {
            Grow(_length + bytes.Length);
        }

        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
        return true;
    }

    /// <summary>Ends the NAL unit whose bytes were appended. False: too many units.</summary>
    public bool TryCloseNalUnit()
    {
        if (_length == _openAt)
        {
            return true;
        }

        if (_count == MaxNalUnits)
        {
            return false;
        }

        if (_ranges is null || _count == _ranges.Length)
        {
            GrowRanges();
        }

        _ranges![_count++] = new NalRange(_openAt, _length - _openAt);
        _openAt = _length;
        return true;
    }

    /// <summary>Forgets everything and gives the memory back.</summary>
    public void Release()
    {
        if (_bytes is not null)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
        }

        if (_ranges is not null)
        {
            ArrayPool<NalRange>.Shared.Return(_ranges);
        }

        this = default;
    }

    private void Grow(int needed)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(FirstRentBytes, needed * 2));
        if (_bytes is not null)
        {
            _bytes.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_bytes);
        }

        _bytes = larger;
    }

    private void GrowRanges()
    {
        var larger = ArrayPool<NalRange>.Shared.Rent(Math.Max(FirstRentNalUnits, _count * 2));
        if (_ranges is not null)
        {
            _ranges.AsSpan(0, _count).CopyTo(larger);
            ArrayPool<NalRange>.Shared.Return(_ranges);
        }

        _ranges = larger;
    }
}
