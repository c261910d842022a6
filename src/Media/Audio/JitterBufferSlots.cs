using Comms.Media.Numbers;

namespace Comms.Media.Audio;

/// <summary>One packet that waits. Its payload stays in the buffer's own memory.</summary>
internal readonly record struct JitterBufferPacket(int Slot, int Bytes, uint Timestamp, int DurationTicks, bool Marker, Instant Arrived);

/// <summary>A fixed number of payloads in timestamp order. Timestamps within it span less than half the 32-bit circle.</summary>
internal sealed class JitterBufferSlots
{
    private readonly byte[] _payloads;
    private readonly int[] _free;

    /// <summary>Sorted by timestamp, the next to play last, so that taking it moves nothing.</summary>
    private readonly JitterBufferPacket[] _waiting;
    private int _freeCount;

    public JitterBufferSlots(int slots, int maxPayloadBytes)
    {
        MaxPayloadBytes = maxPayloadBytes;
        _payloads = new byte[slots * maxPayloadBytes];
        _waiting = new JitterBufferPacket[slots];
        _free = [.. Enumerable.Range(0, slots)];
        _freeCount = slots;
    }

    public int MaxPayloadBytes { get; }

    public int Count { get; private set; }

    public bool IsFull => Count == _waiting.Length;

    /// <summary>The next packet to play; there must be one.</summary>
    public ref readonly JitterBufferPacket Head => ref _waiting[Count - 1];

    /// <summary>Audio in all waiting packets.</summary>
    public int HeldTicks { get; private set; }

    public bool Contains(uint timestamp)
    {
        for (int i = 0; i < Count; i++)
        {
            if (_waiting[i].Timestamp == timestamp) return true;
        }

        return false;
    }

    /// <summary>Copies a payload in. There must be a free slot.</summary>
    public void Add(ReadOnlySpan<byte> payload, uint timestamp, int durationTicks, bool marker, Instant now)
    {
        int slot = _free[--_freeCount];
        payload.CopyTo(_payloads.AsSpan(slot * MaxPayloadBytes));
        int position = 0;
        while (position < Count && (int)(_waiting[position].Timestamp - timestamp) > 0) position++;
        Array.Copy(_waiting, position, _waiting, position + 1, Count - position);
        _waiting[position] = new JitterBufferPacket(slot, payload.Length, timestamp, durationTicks, marker, now);
        Count++;
        HeldTicks += durationTicks;
    }

    /// <summary>A waiting packet's bytes.</summary>
    public ReadOnlySpan<byte> Payload(scoped in JitterBufferPacket packet) => _payloads.AsSpan(packet.Slot * MaxPayloadBytes, packet.Bytes);

    /// <summary>Frees the head. Its bytes stay readable until the next <see cref="Add"/>.</summary>
    public void RemoveHead()
    {
        JitterBufferPacket head = _waiting[--Count];
        HeldTicks -= head.DurationTicks;
        _free[_freeCount++] = head.Slot;
    }
}
