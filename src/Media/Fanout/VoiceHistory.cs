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

    public void Add(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        int left = RingBytes - (int)(_written % RingBytes);
        if (left < payload.Length) _written += left;
        payload.CopyTo(_ring.AsSpan((int)(_written % RingBytes)));
        _entries[header.Sequence % Packets] = new Entry(header, _written, payload.Length);
        _written += payload.Length;
    }

    /// <summary>False: too old, never sent, or overwritten.</summary>
    public bool TryFind(ushort sequence, out FrameHeader header, out ReadOnlySpan<byte> payload)
    {
        ref readonly var entry = ref _entries[sequence % Packets];
        header = entry.Header;
        payload = default;
        if (entry.Bytes == 0 || header.Sequence != sequence || _written - entry.At > RingBytes) return false;
        payload = _ring.AsSpan((int)(entry.At % RingBytes), entry.Bytes);
        return true;
    }

    private readonly record struct Entry(FrameHeader Header, long At, int Bytes);
}
