namespace Comms.Media.Wire.H264;

/// <summary>The NAL units of one coded picture, valid only during the call that hands it over. ITU-T H.264 §3.1.</summary>
public readonly ref struct AccessUnit(ReadOnlySpan<byte> bytes, ReadOnlySpan<NalRange> nalUnits, uint timestamp, bool isKeyFrame)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private readonly ReadOnlySpan<NalRange> _nalUnits = nalUnits;

    /// <summary>The source's RTP timestamp, 90 kHz.</summary>
    public uint Timestamp { get; } = timestamp;

    /// <summary>A decoder may start here: it holds an IDR slice or a recovery point.</summary>
    public bool IsKeyFrame { get; } = isKeyFrame;

    public int Count => _nalUnits.Length;

    public int SizeBytes => _bytes.Length;

    public ReadOnlySpan<byte> this[int index] => _bytes.Slice(_nalUnits[index].Offset, _nalUnits[index].Length);
}

/// <summary>Where one NAL unit lies in an access unit's bytes.</summary>
public readonly record struct NalRange(int Offset, int Length);

/// <summary>Takes access units from a depacketiser, on the caller's thread.</summary>
public interface IAccessUnitSink
{
    void HandleAccessUnit(in AccessUnit unit);
}
