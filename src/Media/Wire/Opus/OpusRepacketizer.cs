namespace Comms.Media.Wire.Opus;

/// <summary>
/// Gathers frames of one configuration and writes them as one packet, without decoding: code 3 of RFC 6716 §3.2.5, or code 0 for
/// a frame alone. Fixed memory; frames are copied in. The caller asks <see cref="CanAdd"/> first.
/// </summary>
public sealed class OpusRepacketizer
{
    /// <summary>The longest packet written: with RTP header, SRTP tag and a tunnel's headers it stays in one unfragmented datagram.</summary>
    public const int MaxPacketBytes = 1_150;

    /// <summary>TOC byte and frame count byte.</summary>
    private const int FixedBytes = 2;

    private readonly byte[] _frames = new byte[MaxPacketBytes];
    private readonly ushort[] _lengths = new ushort[OpusPacketView.MaxFrames];
    private OpusToc _toc;
    private int _frameBytes;
    private int _lengthBytes;
    private bool _areEqual;

    public int FrameCount { get; private set; }

    /// <summary>Audio gathered so far, in 48 kHz ticks.</summary>
    public int Ticks => FrameCount * _toc.FrameTicks;

    /// <summary>Whether frames of that configuration and stereo bit are what is being gathered, or nothing is.</summary>
    public bool IsSameKind(OpusToc toc) => FrameCount == 0 || toc.Value >> 2 == _toc.Value >> 2;

    /// <summary>Whether one more frame stays within 120 ms and <see cref="MaxPacketBytes"/>.</summary>
    public bool CanAdd(OpusToc toc, int frameBytes) =>
        FrameCount < OpusPacketView.MaxFrames && (FrameCount + 1) * toc.FrameTicks <= OpusToc.MaxPacketTicks
        && FixedBytes + _lengthBytes + OpusFrameLength.CodedBytes(frameBytes) + _frameBytes + frameBytes <= MaxPacketBytes;

    public void Add(OpusToc toc, ReadOnlySpan<byte> frame)
    {
        _areEqual = FrameCount == 0 || (_areEqual && frame.Length == _lengths[0]);
        _toc = toc;
        _lengths[FrameCount++] = (ushort)frame.Length;
        _lengthBytes += OpusFrameLength.CodedBytes(frame.Length);
        frame.CopyTo(_frames.AsSpan(_frameBytes));
        _frameBytes += frame.Length;
    }

    /// <summary>Writes the packet and begins anew. Returns its bytes, at the most <see cref="MaxPacketBytes"/>; 0 when nothing was gathered.</summary>
    public int Write(Span<byte> packet)
    {
        if (FrameCount == 0) return 0;
        int position = WriteHead(packet);
        _frames.AsSpan(0, _frameBytes).CopyTo(packet[position..]);
        position += _frameBytes;
        FrameCount = _frameBytes = _lengthBytes = 0;
        return position;
    }

    // The frame count byte: v(1) variable bitrate, p(1) no padding, M(6) frames. The last frame's length is what is left.
    private int WriteHead(Span<byte> packet)
    {
        int kind = _toc.Value & 0xFC;
        if (FrameCount == 1)
        {
            packet[0] = (byte)kind;
            return 1;
        }

        packet[0] = (byte)(kind | 3);
        packet[1] = (byte)((_areEqual ? 0 : 0x80) | FrameCount);
        int position = FixedBytes;
        if (_areEqual) return position;
        for (int i = 0; i < FrameCount - 1; i++) position += OpusFrameLength.Write(packet[position..], _lengths[i]);
        return position;
    }
}
