using Comms.Media.Numbers;

namespace Comms.Media.Fanout;

/// <summary>What a stored packet is within its picture.</summary>
[Flags]
public enum VideoPacketFlags
{
    None = 0,

    /// <summary>The first packet of an access unit.</summary>
    First = 1,

    /// <summary>The last packet of an access unit: the RTP marker.</summary>
    Last = 2,

    /// <summary>Belongs to a key frame.</summary>
    Key = 4,

    /// <summary>H.265; H.264 without it.</summary>
    H265 = 8,
}

/// <summary>One RTP payload of a feed, stored once and shared by all its viewers on a loop.</summary>
public readonly struct VideoPacket(byte[] block, int offset, int length, VideoPacketFlags flags, long ticks, Instant arrived)
{
    private readonly ushort _offset = (ushort)offset;
    private readonly ushort _length = (ushort)length;
    private readonly byte _flags = (byte)flags;

    public byte[] Block { get; } = block;

    public VideoPacketFlags Flags => (VideoPacketFlags)_flags;

    public int Length => _length;

    public bool IsFirst => (Flags & VideoPacketFlags.First) != 0;

    public bool IsLast => (Flags & VideoPacketFlags.Last) != 0;

    public bool BeginsKeyFrame => (Flags & (VideoPacketFlags.First | VideoPacketFlags.Key)) == (VideoPacketFlags.First | VideoPacketFlags.Key);

    /// <summary>The feed's own media time, 90 kHz, never wrapping and never running backwards.</summary>
    public long Ticks { get; } = ticks;

    public Instant Arrived { get; } = arrived;

    public ReadOnlySpan<byte> Payload => Block.AsSpan(_offset, _length);
}
