using Comms.Media.Numbers;

namespace Comms.Media.Fanout;

/// <summary>
/// Speech said while the floor is not decided: the newest 500 ms, oldest dropped. One ring of fixed memory, lent by the
/// loop to a session only while its request is open.
/// </summary>
public sealed class KeptSpeech
{
    /// <summary>How much speech is kept at most.</summary>
    public const int LongestMs = 500;

    /// <summary>A longer frame is not kept: no talker within the bitrate cap sends one.</summary>
    public const int MaxFrameBytes = 512;

    /// <summary>Frames of 10 ms fill it; further ones push out the oldest.</summary>
    private const int Capacity = 50;

    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(Capacity * MaxFrameBytes, pinned: true);
    private readonly Entry[] _entries = new Entry[Capacity];
    private int _first;

    public int Count { get; private set; }

    public void Clear() => (_first, Count) = (0, 0);

    /// <summary>False when the frame is too long to be kept.</summary>
    public bool TryAdd(ReadOnlySpan<byte> payload, uint timestamp, Instant now)
    {
        if (payload.Length > MaxFrameBytes) return false;
        while (Count == Capacity || (Count > 0 && now.MsSince(_entries[_first].ArrivedAt) > LongestMs)) DropOldest();
        int at = (_first + Count++) % Capacity;
        _entries[at] = new Entry(timestamp, now, payload.Length);
        payload.CopyTo(_bytes.AsSpan(at * MaxFrameBytes));
        return true;
    }

    /// <summary>The oldest frame; its payload is valid until the next call.</summary>
    public bool TryTake(out ReadOnlySpan<byte> payload, out uint timestamp, out Instant arrivedAt)
    {
        payload = default;
        timestamp = 0;
        arrivedAt = default;
        if (Count == 0) return false;
        ref readonly Entry entry = ref _entries[_first];
        payload = _bytes.AsSpan(_first * MaxFrameBytes, entry.Bytes);
        timestamp = entry.Timestamp;
        arrivedAt = entry.ArrivedAt;
        DropOldest();
        return true;
    }

    private void DropOldest()
    {
        _first = (_first + 1) % Capacity;
        Count--;
    }

    private readonly record struct Entry(uint Timestamp, Instant ArrivedAt, int Bytes);
}
