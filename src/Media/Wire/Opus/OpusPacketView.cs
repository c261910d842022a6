using System.Runtime.CompilerServices;

namespace Comms.Media.Wire.Opus;

/// <summary>
/// One Opus packet split into its frames. RFC 6716 §3.2. Aliases the packet's bytes, copies nothing; padding is not part
/// of any frame. A frame of zero bytes is a discontinuous-transmission or lost frame, not an error.
/// </summary>
public readonly ref struct OpusPacketView
{
    /// <summary>120 ms of 2.5 ms frames.</summary>
    public const int MaxFrames = 48;

    private readonly ReadOnlySpan<byte> _packet;
    private readonly FrameEnds _frames;

    private OpusPacketView(ReadOnlySpan<byte> packet, OpusToc toc, scoped in FrameEnds frames)
    {
        _packet = packet;
        _frames = frames;
        Toc = toc;
    }

    public OpusToc Toc { get; }

    /// <summary>1 to 48.</summary>
    public int FrameCount => _frames.Count;

    /// <summary>Audio in the whole packet, in 48 kHz ticks: 120 to 5,760.</summary>
    public int Ticks => FrameCount * Toc.FrameTicks;

    /// <summary>The bytes of one frame, 0 to 1,275 of them, without TOC byte and length.</summary>
    public ReadOnlySpan<byte> Frame(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)FrameCount);
        int start = index == 0 ? _frames.Start : _frames.Ends[index - 1];
        return _packet[start.._frames.Ends[index]];
    }

    /// <summary>False with a <paramref name="fault"/> for every packet that RFC 6716 §3.4 says a receiver must not decode.</summary>
    public static bool TryParse(ReadOnlySpan<byte> packet, out OpusPacketView view, out OpusPacketFault fault)
    {
        view = default;
        if (packet.IsEmpty)
        {
            fault = OpusPacketFault.Empty;
            return false;
        }

        var toc = new OpusToc(packet[0]);
        FrameEnds frames = default;
        fault = toc.FrameCountCode switch
        {
            0 => SplitEqual(1, packet.Length, 1, ref frames),
            1 => (packet.Length & 1) == 0 ? OpusPacketFault.UnequalPair : SplitEqual(1, packet.Length, 2, ref frames),
            2 => SplitPair(packet, ref frames),
            _ => SplitCounted(packet, toc, ref frames),
        };
        if (fault != OpusPacketFault.None) return false;
        view = new OpusPacketView(packet, toc, frames);
        return true;
    }

    private static OpusPacketFault SplitEqual(int start, int end, int count, ref FrameEnds frames)
    {
        int lengthBytes = (end - start) / count;
        if (lengthBytes > OpusFrameLength.Max) return OpusPacketFault.FrameTooLong;
        frames.Start = start;
        frames.Count = count;
        for (int index = 0; index < count; index++) frames.Ends[index] = (ushort)(start + (index + 1) * lengthBytes);
        return OpusPacketFault.None;
    }

    private static OpusPacketFault SplitPair(ReadOnlySpan<byte> packet, ref FrameEnds frames)
    {
        int position = 1;
        if (!OpusFrameLength.TryRead(packet, ref position, out int first)) return OpusPacketFault.PairLengthTruncated;
        int second = packet.Length - position - first;
        if (second < 0) return OpusPacketFault.PairLengthOverruns;
        if (second > OpusFrameLength.Max) return OpusPacketFault.FrameTooLong;
        frames.Start = position;
        frames.Count = 2;
        frames.Ends[0] = (ushort)(position + first);
        frames.Ends[1] = (ushort)packet.Length;
        return OpusPacketFault.None;
    }

    // The frame count byte of a code 3 packet: v(1) variable bitrate, p(1) padding, M(6) frames. RFC 6716 §3.2.5.
    private static OpusPacketFault SplitCounted(ReadOnlySpan<byte> packet, OpusToc toc, ref FrameEnds frames)
    {
        if (packet.Length < 2) return OpusPacketFault.CountMissing;
        int count = packet[1] & 0x3F;
        if (count == 0) return OpusPacketFault.NoFrames;
        if (count * toc.FrameTicks > OpusToc.MaxPacketTicks) return OpusPacketFault.TooMuchAudio;
        int position = 2;
        int paddingBytes = 0;
        if ((packet[1] & 0x40) != 0 && !TryReadPadding(packet, ref position, out paddingBytes))
            return OpusPacketFault.PaddingLengthTruncated;
        int end = packet.Length - paddingBytes;
        if (end < position) return OpusPacketFault.PaddingOverruns;
        if ((packet[1] & 0x80) != 0) return SplitVariable(packet, position, end, count, ref frames);
        if ((end - position) % count != 0) return OpusPacketFault.UnevenFrames;
        return SplitEqual(position, end, count, ref frames);
    }

    // A padding length byte of 255 stands for 254 bytes and says that another length byte follows.
    private static bool TryReadPadding(ReadOnlySpan<byte> packet, ref int position, out int paddingBytes)
    {
        paddingBytes = 0;
        while (position < packet.Length)
        {
            byte length = packet[position++];
            if (length < 255)
            {
                paddingBytes += length;
                return true;
            }

            paddingBytes += 254;
        }

        return false;
    }

    // All lengths but the last stand in front of the first frame; the last frame takes what is left.
    private static OpusPacketFault SplitVariable(ReadOnlySpan<byte> packet, int position, int end, int count, ref FrameEnds frames)
    {
        ReadOnlySpan<byte> unpadded = packet[..end];
        int total = 0;
        for (int index = 0; index < count - 1; index++)
        {
            if (!OpusFrameLength.TryRead(unpadded, ref position, out int lengthBytes)) return OpusPacketFault.FrameLengthTruncated;
            total += lengthBytes;
            frames.Ends[index] = (ushort)total;
        }

        int last = end - position - total;
        if (last < 0) return OpusPacketFault.FramesOverrun;
        if (last > OpusFrameLength.Max) return OpusPacketFault.FrameTooLong;
        frames.Start = position;
        frames.Count = count;
        for (int index = 0; index < count - 1; index++) frames.Ends[index] += (ushort)position;
        frames.Ends[count - 1] = (ushort)end;
        return OpusPacketFault.None;
    }

    [InlineArray(MaxFrames)]
    private struct Offsets
    {
        private ushort _first;
    }

    private struct FrameEnds
    {
        public int Start;
        public int Count;
        public Offsets Ends;
    }
}
