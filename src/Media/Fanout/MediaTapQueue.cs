namespace Comms.Media.Fanout;

/// <summary>
/// What was said, behind the gate, on its way to a recorder: a bounded ring that any loop writes and one thread reads, without
/// locks and without allocation. A full ring refuses; a slow recorder never slows a talker.
/// </summary>
public sealed class MediaTapQueue : IMediaTap
{
    private readonly Slot[] _slots;
    private readonly byte[] _payloads;
    private readonly int _mask;
    private long _written;
    private long _read;
    private long _refused;

    /// <param name="capacity">Frames; a power of two.</param>
    public MediaTapQueue(int capacity)
    {
        if (!System.Numerics.BitOperations.IsPow2(capacity)) throw new ArgumentException("A power of two is needed.", nameof(capacity));
        _slots = new Slot[capacity];
        _payloads = new byte[capacity * FrameLimits.MaxPayloadBytes];
        _mask = capacity - 1;
        for (int i = 0; i < capacity; i++) _slots[i].Turn = i;
    }

    /// <summary>Frames that found the queue full.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    public bool TryTap(string channelId, in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        long at = Volatile.Read(ref _written);
        while (true)
        {
            // A slot is free for turn n when it says n, and full for it when it says n + 1.
            long turn = Volatile.Read(ref _slots[(int)at & _mask].Turn);
            if (turn < at || payload.Length > FrameLimits.MaxPayloadBytes)
            {
                Interlocked.Increment(ref _refused);
                return false;
            }

            long before = turn == at ? Interlocked.CompareExchange(ref _written, at + 1, at) : Volatile.Read(ref _written);
            if (turn == at && before == at) break;
            at = before;
        }

        ref var slot = ref _slots[(int)at & _mask];
        slot.ChannelId = channelId;
        slot.Header = header;
        slot.PayloadBytes = payload.Length;
        payload.CopyTo(_payloads.AsSpan(((int)at & _mask) * FrameLimits.MaxPayloadBytes));
        Volatile.Write(ref slot.Turn, at + 1);
        return true;
    }

    /// <summary>Takes the oldest frame. One reading thread. <paramref name="payload"/> needs <see cref="FrameLimits.MaxPayloadBytes"/>.</summary>
    public bool TryRead(Span<byte> payload, out TappedFrame frame)
    {
        frame = default;
        int index = (int)_read & _mask;
        ref var slot = ref _slots[index];
        if (Volatile.Read(ref slot.Turn) != _read + 1) return false;
        _payloads.AsSpan(index * FrameLimits.MaxPayloadBytes, slot.PayloadBytes).CopyTo(payload);
        frame = new TappedFrame(slot.ChannelId!, slot.Header, slot.PayloadBytes);
        slot.ChannelId = null;
        Volatile.Write(ref slot.Turn, _read + _slots.Length);
        _read++;
        return true;
    }

    private struct Slot
    {
        public long Turn;
        public string? ChannelId;
        public FrameHeader Header;
        public int PayloadBytes;
    }
}

/// <summary>One Opus packet that entered a channel: burst, talker and capture time are in the header.</summary>
public readonly record struct TappedFrame(string ChannelId, FrameHeader Header, int PayloadBytes);
