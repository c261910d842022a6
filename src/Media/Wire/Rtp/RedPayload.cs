using System.Buffers.Binary;

namespace Comms.Media.Wire.Rtp;

/// <summary>
/// A payload that carries the packet before it once more. RFC 2198 §3: F(1)=1, block payload type(7), timestamp offset(14), block
/// length(10); then F(1)=0, payload type(7); then the older block, then the newer one.
/// </summary>
public readonly ref struct RedPayload
{
    /// <summary>Both block headers.</summary>
    public const int HeaderBytes = 5;

    /// <summary>What ten bits can say.</summary>
    public const int MaxPreviousBytes = 1_023;

    /// <summary>What fourteen bits can say: 341 ms of a 48 kHz clock.</summary>
    public const int MaxOffsetTicks = 16_383;

    private RedPayload(ReadOnlySpan<byte> previous, int offsetTicks, ReadOnlySpan<byte> primary, byte payloadType)
    {
        Previous = previous;
        OffsetTicks = offsetTicks;
        Primary = primary;
        PayloadType = payloadType;
    }

    /// <summary>The packet before.</summary>
    public ReadOnlySpan<byte> Previous { get; }

    /// <summary>So much earlier is its timestamp.</summary>
    public int OffsetTicks { get; }

    public ReadOnlySpan<byte> Primary { get; }

    /// <summary>Of both blocks.</summary>
    public byte PayloadType { get; }

    /// <summary>Writes both blocks; returns their bytes with headers. Offset and length must be within the limits above.</summary>
    public static int Write(Span<byte> to, byte payloadType, ReadOnlySpan<byte> previous, int offsetTicks, ReadOnlySpan<byte> primary)
    {
        BinaryPrimitives.WriteUInt32BigEndian(to, 1u << 31 | (uint)payloadType << 24 | (uint)offsetTicks << 10 | (uint)previous.Length);
        to[4] = payloadType;
        previous.CopyTo(to[HeaderBytes..]);
        primary.CopyTo(to[(HeaderBytes + previous.Length)..]);
        return HeaderBytes + previous.Length + primary.Length;
    }

    /// <summary>False: not one older and one newer block of the same type, or shorter than they say.</summary>
    public static bool TryParse(ReadOnlySpan<byte> payload, out RedPayload red)
    {
        red = default;
        if (payload.Length < HeaderBytes) return false;
        uint older = BinaryPrimitives.ReadUInt32BigEndian(payload);
        int bytes = (int)(older & 0x3FF);
        byte type = (byte)(older >> 24 & 0x7F);
        if (older >> 31 == 0 || payload[4] != type || payload.Length < HeaderBytes + bytes) return false;
        red = new RedPayload(payload.Slice(HeaderBytes, bytes), (int)(older >> 10 & 0x3FFF), payload[(HeaderBytes + bytes)..], type);
        return true;
    }
}
