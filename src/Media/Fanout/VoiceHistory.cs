using Comms.Media.Session;
using Comms.Media.Wire.Opus;
using Comms.Media.Wire.Rtp;

namespace Comms.Media.Fanout;

/// <summary>
/// The last packets of one channel on one loop, shared by all of its listeners there, to be sent again on NACK. Fixed memory, made
/// with the channel's first packet. A packet is found by its number on the channel's line.
/// </summary>
public sealed class VoiceHistory
{
    /// <summary>More than a second of 20 ms packets; later a listener's jitter buffer has given up.</summary>
    private const int Packets = 64;

    /// <summary>A second at 128 kbit/s; speech at 24 kbit/s needs 3,000 bytes.</summary>
    private const int RingBytes = 16_384;

    private readonly byte[] _ring = new byte[RingBytes];
    private readonly Entry[] _entries = new Entry[Packets];
    private long _written;

    /// <summary>Keeps the packet that <paramref name="frame"/> is going out with, and gives the frame the packet before it.</summary>
    public void Add(VoiceFrame frame)
    {
        var header = frame.Header;
        int previousTicks = FindPrevious(header, frame.Payload.Length, out var previous);
        frame.SetPrevious(previous, previousTicks);
        int left = RingBytes - (int)(_written % RingBytes);
        if (left < frame.Payload.Length) _written += left;
        frame.Payload.CopyTo(_ring.AsSpan((int)(_written % RingBytes)));
        _entries[header.Sequence % Packets] = new Entry(header, _written, frame.Payload.Length, previousTicks);
        _written += frame.Payload.Length;
    }

    /// <summary>The packet just as it was first sent. False: too old, never sent, or overwritten.</summary>
    public bool TryFind(ushort sequence, out VoicePacket packet)
    {
        packet = default;
        ref readonly var entry = ref _entries[sequence % Packets];
        if (!IsKept(entry, sequence)) return false;
        ushort before = (ushort)(sequence - 1);
        ref readonly var previous = ref _entries[before % Packets];
        packet = new VoicePacket
        {
            Sequence = sequence,
            Timestamp = entry.Header.Timestamp,
            Marker = entry.Header.Marker,
            Ticks = entry.Header.Ticks,
            Payload = PayloadOf(entry),
            Previous = entry.PreviousTicks > 0 && IsKept(previous, before) ? PayloadOf(previous) : default,
            PreviousTicks = entry.PreviousTicks,
        };
        return true;
    }

    // Decided once, when the packet is made: a packet before it that comes later must not change what is sent again.
    private int FindPrevious(in FrameHeader header, int payloadBytes, out ReadOnlySpan<byte> payload)
    {
        payload = default;
        ushort before = (ushort)(header.Sequence - 1);
        ref readonly var entry = ref _entries[before % Packets];
        if (!IsKept(entry, before) || header.Marker || entry.Header.Number != header.Number) return 0;
        long ticks = header.Timestamp - entry.Header.Timestamp;
        if (ticks is 0 or > RedPayload.MaxOffsetTicks) return 0;
        if (entry.Bytes > RedPayload.MaxPreviousBytes || entry.Bytes + payloadBytes > OpusRepacketizer.MaxPacketBytes) return 0;
        payload = PayloadOf(entry);
        return (int)ticks;
    }

    private bool IsKept(in Entry entry, ushort sequence) =>
        entry.Bytes > 0 && entry.Header.Sequence == sequence && _written - entry.At <= RingBytes;

    private ReadOnlySpan<byte> PayloadOf(in Entry entry) => _ring.AsSpan((int)(entry.At % RingBytes), entry.Bytes);

    private readonly record struct Entry(FrameHeader Header, long At, int Bytes, int PreviousTicks);
}
