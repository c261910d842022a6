using Comms.Media.Fanout;
using Comms.Media.Numbers;

namespace Comms.Media.Io;

/// <summary>
/// A bounded single-producer single-consumer ring of frames from one loop to another. Payload memory is one array made once;
/// a full ring refuses. The producer wakes the consumer after writing.
/// </summary>
public sealed class FrameRing
{
    private const int MaxPerDrain = 256;
    private readonly Slot[] _slots;
    private readonly byte[] _payloads;
    private readonly int _mask;
    private readonly EventLoop _consumer;
    private PaddedCounter _written;
    private PaddedCounter _read;

    /// <param name="capacity">Frames; a power of two.</param>
    public FrameRing(EventLoop consumer, int capacity)
    {
        if (!System.Numerics.BitOperations.IsPow2(capacity)) throw new ArgumentException("A power of two is needed.", nameof(capacity));
        _consumer = consumer;
        _slots = new Slot[capacity];
        _payloads = GC.AllocateUninitializedArray<byte>(capacity * FrameLimits.MaxPayloadBytes, pinned: true);
        _mask = capacity - 1;
    }

    public bool IsEmpty => Volatile.Read(ref _written.Value) == Volatile.Read(ref _read.Value);

    /// <summary>On the producing loop. False when full or too long.</summary>
    public bool TryWrite(IFrameReceiver receiver, in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        long at = _written.Value;
        if (payload.Length > FrameLimits.MaxPayloadBytes || at - Volatile.Read(ref _read.Value) > _mask) return false;
        int index = (int)at & _mask;
        _slots[index] = new Slot { Receiver = receiver, Header = header, PayloadBytes = payload.Length };
        payload.CopyTo(_payloads.AsSpan(index * FrameLimits.MaxPayloadBytes));
        Volatile.Write(ref _written.Value, at + 1);
        _consumer.Wake();
        return true;
    }

    /// <summary>On the consuming loop: hands over what has come, up to a bound per turn.</summary>
    public void Drain(Instant now)
    {
        for (int i = 0; i < MaxPerDrain; i++)
        {
            long at = _read.Value;
            if (at == Volatile.Read(ref _written.Value)) return;
            int index = (int)at & _mask;
            try
            {
                ref var slot = ref _slots[index];
                slot.Receiver!.OnFrame(slot.Header, _payloads.AsSpan(index * FrameLimits.MaxPayloadBytes, slot.PayloadBytes), now);
            }
            finally
            {
                _slots[index].Receiver = null;
                Volatile.Write(ref _read.Value, at + 1);
            }
        }
    }

    private struct Slot
    {
        public IFrameReceiver? Receiver;
        public FrameHeader Header;
        public int PayloadBytes;
    }

    /// <summary>Alone on its cache lines, so that producer and consumer do not slow each other down.</summary>
    [System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Explicit, Size = 192)]
    private struct PaddedCounter
    {
        [System.Runtime.InteropServices.FieldOffset(64)]
        public long Value;
    }
}
