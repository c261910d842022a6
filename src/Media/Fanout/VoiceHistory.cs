namespace Comms.Media.Fanout;

/// <summary>
/// The last packets of one channel on one loop, shared by all of its listeners there, to be sent again on NACK. Fixed memory, made
/// with the channel's first packet. A packet is found by its number on the channel's line.
/// </summary>
public sealed class VoiceHistory
{
    /// <summary>More than a second of 20 ms packets; later a listener's jitter buffer has given up.</summary>
    private const int Packets = 64;

    /// <summary>A longer packet is not kept: speech at 24 kbit/s has 60 bytes.</summary>
    private const int MaxPacketBytes = 256;

    private readonly byte[] _payloads = new byte[Packets * MaxPacketBytes];
    private readonly Entry[] _entries = new Entry[Packets];

    public void Add(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        int at = header.Sequence % Packets;
        bool fits = payload.Length <= MaxPacketBytes;
        _entries[at] = new Entry(header, fits ? payload.Length : -1);
        if (fits) payload.CopyTo(_payloads.AsSpan(at * MaxPacketBytes));
    }

    /// <summary>False: too old, never sent, or too long to be kept.</summary>
    public bool TryFind(ushort sequence, out FrameHeader header, out ReadOnlySpan<byte> payload)
    {
        int at = sequence % Packets;
        ref readonly var entry = ref _entries[at];
        header = entry.Header;
        payload = default;
        if (entry.Bytes <= 0 || header.Sequence != sequence) return false;
        payload = _payloads.AsSpan(at * MaxPacketBytes, entry.Bytes);
        return true;
    }

    private readonly record struct Entry(FrameHeader Header, int Bytes);
}
