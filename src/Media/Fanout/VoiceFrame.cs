using Comms.Media.Session;
using Comms.Media.Wire.Rtp;

namespace Comms.Media.Fanout;

/// <summary>One packet of voice in a loop's own memory while it goes out to the listeners of that loop.</summary>
public sealed class VoiceFrame
{
    private readonly byte[] _payload = GC.AllocateUninitializedArray<byte>(FrameLimits.MaxPayloadBytes, pinned: true);
    private readonly byte[] _previous = GC.AllocateUninitializedArray<byte>(RedPayload.MaxPreviousBytes, pinned: true);
    private int _bytes;
    private int _previousBytes;
    private int _previousTicks;

    /// <summary>As placed on the channel's timeline.</summary>
    public FrameHeader Header { get; private set; }

    public ReadOnlySpan<byte> Payload => _payload.AsSpan(0, _bytes);

    /// <summary>The packet as a session sends it. Valid while the frame is.</summary>
    public VoicePacket Packet => new()
    {
        Sequence = Header.Sequence,
        Timestamp = Header.Timestamp,
        Marker = Header.Marker,
        Ticks = Header.Ticks,
        Payload = Payload,
        Previous = _previous.AsSpan(0, _previousBytes),
        PreviousTicks = _previousTicks,
    };

    public void Set(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        Header = header;
        _bytes = payload.Length;
        payload.CopyTo(_payload);
        _previousBytes = _previousTicks = 0;
    }

    /// <summary>Keeps the packet before, for listeners that lose many.</summary>
    public void SetPrevious(ReadOnlySpan<byte> previous, int ticks)
    {
        previous.CopyTo(_previous);
        _previousBytes = previous.Length;
        _previousTicks = ticks;
    }
}

/// <summary>The frames of one loop: made on demand up to a bound, then reused.</summary>
public sealed class VoiceFramePool(int capacity)
{
    private readonly VoiceFrame[] _free = new VoiceFrame[capacity];
    private int _freeCount;
    private int _made;

    /// <summary>Null when the bound is reached: the loop is far behind and the packet is dropped.</summary>
    public VoiceFrame? Rent()
    {
        if (_freeCount > 0) return _free[--_freeCount];
        if (_made == capacity) return null;
        _made++;
        return new VoiceFrame();
    }

    public void Return(VoiceFrame frame) => _free[_freeCount++] = frame;
}
