namespace Comms.Media.Wire.Ed137;

/// <summary>
/// Yields the features of one header extension: type(4) length(4) value in the 0x0167 form, up to type 0 or the end; one feature with
/// eight or thirteen bits in the 0x0067 form. A feature that overruns the extension ends the reading.
/// </summary>
public ref struct RadioFeatureReader
{
    private readonly ReadOnlySpan<byte> _features;
    private readonly uint _oldWord;
    private readonly byte[]? _oldValue;
    private int _at;
    private bool _isOldPending;

    /// <summary>Values of the older form: every byte once, so that reading allocates nothing.</summary>
    private static readonly byte[] Bytes = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];

    /// <summary>The 0x0167 form: what follows the first 16 bits.</summary>
    internal RadioFeatureReader(ReadOnlySpan<byte> features) => _features = features;

    /// <summary>The 0x0067 form's one word.</summary>
    internal RadioFeatureReader(uint oldWord)
    {
        _oldWord = oldWord;
        _oldValue = Bytes;
        _isOldPending = true;
    }

    public bool TryRead(out RadioFeature feature)
    {
        feature = default;
        if (_oldValue is not null) return TryReadOld(out feature);
        if (_at >= _features.Length) return false;
        var type = (RadioFeatureType)(_features[_at] >> 4);
        int length = _features[_at] & 0x0F;
        if (type == RadioFeatureType.None || _at + 1 + length > _features.Length)
        {
            _at = _features.Length;
            return false;
        }

        feature = new RadioFeature { Type = type, Value = _features.Slice(_at + 1, length) };
        _at += 1 + length;
        return true;
    }

    /// <summary>The one feature of a receiver that every header may carry. False: there is none.</summary>
    public static bool TryFindQuality(RadioFeatureReader features, out SignalQuality quality)
    {
        while (features.TryRead(out var feature))
            if (feature.TryReadQuality(out quality)) return true;
        quality = default;
        return false;
    }

    // The value's upper eight bits are an index, the next three its method: quality is folded into the newer form's five and three.
    private bool TryReadOld(out RadioFeature feature)
    {
        feature = default;
        if (!_isOldPending) return false;
        _isOldPending = false;
        var type = (RadioFeatureType)(_oldWord >> 18 & 0x0F);
        uint value = _oldWord >> 1 & 0x1FFF;
        byte single = type == RadioFeatureType.SignalQuality
            ? new SignalQuality((byte)Math.Min(value >> 5, SignalQuality.MaxValue), (byte)(value >> 2 & 0x07)).ToByte()
            : (byte)(value >> 5);
        feature = new RadioFeature { Type = type, Value = Bytes.AsSpan(single, 1) };
        return type != RadioFeatureType.None;
    }
}
