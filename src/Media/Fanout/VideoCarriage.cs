using Comms.Media.Numbers;

namespace Comms.Media.Fanout;

/// <summary>Carries one feed from its own loop to one other, one copy of each packet, beginning at a key frame.</summary>
internal sealed class VideoCarriage(IFrameCarrier carrier, int toLoop, IFrameReceiver receiver)
{
    /// <summary>Kinds of frames from here on are sound, one for each codec; below are the flags of video packets.</summary>
    public const int AudioKind = 256;

    private const int SendsPerSlice = 256;

    private long _next = -1;

    public int ToLoop => toLoop;

    public void CarryAudio(AudioCodec codec, ReadOnlySpan<byte> payload, bool marker, uint timestamp, Instant now, DropCounters drops)
    {
        var header = new FrameHeader { Kind = AudioKind + (int)codec, Timestamp = timestamp, Marker = marker, Captured = now };
        if (!carrier.TryCarry(toLoop, receiver, header, payload))
        {
            drops.Count(DropReason.RingFull);
        }
    }

    /// <summary>False: the ring was full, or the slice was; there is more to carry.</summary>
    public bool TryServe(VideoPacketStore store, Instant now)
    {
        if (_next >= 0 && _next != store.End && !store.Holds(_next))
        {
            _next = -1;
        }

        if (_next < 0)
        {
            _next = store.KeyNumber;
        }

        for (var sent = 0; _next >= 0 && _next < store.End; sent++)
        {
            ref readonly var packet = ref store[_next];
            var header = new FrameHeader
            {
                Kind = (int)packet.Flags,
                Timestamp = (uint)packet.Ticks,
                Marker = packet.IsLast,
                Number = _next,
                Captured = packet.Arrived,
            };
            if (sent == SendsPerSlice || !carrier.TryCarry(toLoop, receiver, header, packet.Payload))
            {
                return false;
            }

            _next++;
        }

        return true;
    }
}
