using System.Buffers.Binary;

namespace Comms.Media.Wire.Ed137;

/// <summary>
/// Writes one header extension with features into a buffer: the header first, then each feature, then <see cref="Finish"/> pads it to
/// whole words. The older form takes one feature, quality or delay. What does not fit is a caller's mistake.
/// </summary>
public ref struct RadioFeatureWriter
{
    internal const int RequestBytes = 3;
    internal const int ResponseBytes = 12;
    private const int HeaderBytes = 4;

    private readonly Span<byte> _buffer;
    private readonly RadioHeader _header;
    private readonly RadioHeaderForm _form;
    private uint _oldWord;
    private int _at;

    public RadioFeatureWriter(Span<byte> buffer, RadioHeaderForm form, in RadioHeader header)
    {
        _buffer = buffer;
        _form = form;
        _header = header;
        _oldWord = header.OldWord();
        _at = HeaderBytes + 2;
    }

    public void Add(SignalQuality quality) => AddByte(RadioFeatureType.SignalQuality, quality.ToByte(), (uint)quality.Value << 5 | (uint)quality.Method << 2);

    public void Add(ClimaxDelay delay) => AddByte(RadioFeatureType.ClimaxDelay, delay.ToByte(), (uint)delay.ToByte() << 5);

    public void Add(RadioRemoteControl control) => Begin(RadioFeatureType.RemoteControl, 1)[0] = (byte)control;

    public void Add(DelayRequest request) => Write24(Begin(RadioFeatureType.DynamicDelay, RequestBytes), request.IsQualified, request.T1);

    public void Add(in DelayResponse response)
    {
        Span<byte> value = Begin(RadioFeatureType.DynamicDelay, response.Ts2 is null ? ResponseBytes : ResponseBytes + 2);
        Write24(value, response.IsQualified, response.T1);
        Write24(value[3..], response.IsLastRequest, response.T2);
        BinaryPrimitives.WriteUInt16BigEndian(value[6..], response.Tsd);
        BinaryPrimitives.WriteUInt16BigEndian(value[8..], response.Tj1);
        BinaryPrimitives.WriteUInt16BigEndian(value[10..], response.Tid);
        if (response.Ts2 is { } ts2) BinaryPrimitives.WriteUInt16BigEndian(value[12..], ts2);
    }

    /// <summary>Returns the extension's bytes with profile and length: a multiple of four.</summary>
    public int Finish()
    {
        BinaryPrimitives.WriteUInt16BigEndian(_buffer, (ushort)_form);
        if (_form == RadioHeaderForm.Ed137)
        {
            BinaryPrimitives.WriteUInt16BigEndian(_buffer[2..], 1);
            BinaryPrimitives.WriteUInt32BigEndian(_buffer[4..], _oldWord);
            return RadioHeader.PlainBytes;
        }

        BinaryPrimitives.WriteUInt16BigEndian(_buffer[HeaderBytes..], _header.NewBits(hasFeatures: _at > HeaderBytes + 2));
        int end = Math.Max(RadioHeader.PlainBytes, (_at + 3) & ~3);
        _buffer[_at..end].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[2..], (ushort)((end - HeaderBytes) / 4));
        return end;
    }

    private void AddByte(RadioFeatureType type, byte value, uint oldValue)
    {
        if (_form == RadioHeaderForm.Ed137) _oldWord |= 0x0040_0000u | (uint)type << 18 | 1u << 14 | oldValue << 1;
        else Begin(type, 1)[0] = value;
    }

    private Span<byte> Begin(RadioFeatureType type, int bytes)
    {
        if (_form == RadioHeaderForm.Ed137) throw new InvalidOperationException("The form of 2009 carries only quality and delay.");
        _buffer[_at] = (byte)((int)type << 4 | bytes);
        Span<byte> value = _buffer.Slice(_at + 1, bytes);
        _at += 1 + bytes;
        return value;
    }

    private static void Write24(Span<byte> destination, bool flag, int time)
    {
        int word = time & 0x7F_FFFF | (flag ? 0x80_0000 : 0);
        (destination[0], destination[1], destination[2]) = ((byte)(word >> 16), (byte)(word >> 8), (byte)word);
    }
}
