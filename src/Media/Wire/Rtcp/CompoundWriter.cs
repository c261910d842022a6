using System.Buffers.Binary;

namespace Comms.Media.Wire.Rtcp;

/// <summary>Writes RTCP packets one behind the other into a caller's buffer. RFC 3550 §6.1: begin with a report. Each Add needs the room it names.</summary>
public ref struct CompoundWriter(Span<byte> buffer)
{
    private readonly Span<byte> _buffer = buffer;

    public int Length { get; private set; }

    public readonly ReadOnlySpan<byte> Written => _buffer[..Length];

    public readonly int Free => _buffer.Length - Length;

    /// <summary>28 bytes and 24 for each block (31 at the most).</summary>
    public void AddSenderReport(in SenderReport report, scoped ReadOnlySpan<ReportBlock> blocks)
    {
        var body = Add(RtcpPacketType.SenderReport, blocks.Length, SenderReport.BodyBytes + blocks.Length * ReportBlock.Bytes);
        report.WriteBody(body);
        WriteBlocks(body[SenderReport.BodyBytes..], blocks);
    }

    /// <summary>8 bytes and 24 for each block.</summary>
    public void AddReceiverReport(uint senderSsrc, scoped ReadOnlySpan<ReportBlock> blocks)
    {
        var body = Add(RtcpPacketType.ReceiverReport, blocks.Length, 4 + blocks.Length * ReportBlock.Bytes);
        BinaryPrimitives.WriteUInt32BigEndian(body, senderSsrc);
        WriteBlocks(body[4..], blocks);
    }

    /// <summary>SDES with one CNAME of ASCII text. RFC 3550 §6.5: at the most 264 bytes.</summary>
    public void AddSourceDescription(uint ssrc, scoped ReadOnlySpan<byte> cname)
    {
        // SSRC, item type and length, text, and at least one zero byte that ends the item list.
        int bytes = (4 + 2 + cname.Length + 1 + 3) & ~3;
        var body = Add(RtcpPacketType.SourceDescription, 1, bytes);
        body.Clear();
        BinaryPrimitives.WriteUInt32BigEndian(body, ssrc);
        body[4] = 1;
        body[5] = (byte)cname.Length;
        cname.CopyTo(body[6..]);
    }

    /// <summary>16 bytes: one lost packet and the mask of the 16 behind it.</summary>
    public void AddNack(uint senderSsrc, uint mediaSsrc, ushort first, ushort followingMask)
    {
        var body = Add(RtcpPacketType.TransportFeedback, Nack.FeedbackType, 12);
        BinaryPrimitives.WriteUInt32BigEndian(body, senderSsrc);
        BinaryPrimitives.WriteUInt32BigEndian(body[4..], mediaSsrc);
        BinaryPrimitives.WriteUInt16BigEndian(body[8..], first);
        BinaryPrimitives.WriteUInt16BigEndian(body[10..], followingMask);
    }

    /// <summary>12 bytes.</summary>
    public void AddPictureLoss(uint senderSsrc, uint mediaSsrc)
    {
        var body = Add(RtcpPacketType.PayloadFeedback, KeyFrameRequest.PictureLossType, 8);
        BinaryPrimitives.WriteUInt32BigEndian(body, senderSsrc);
        BinaryPrimitives.WriteUInt32BigEndian(body[4..], mediaSsrc);
    }

    /// <summary>8 bytes. RFC 3550 §6.6.</summary>
    public void AddBye(uint ssrc) => BinaryPrimitives.WriteUInt32BigEndian(Add(RtcpPacketType.Bye, 1, 4), ssrc);

    private Span<byte> Add(RtcpPacketType type, int count, int bodyBytes)
    {
        var packet = _buffer.Slice(Length, 4 + bodyBytes);
        packet[0] = (byte)(0x80 | count);
        packet[1] = (byte)type;
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)(bodyBytes / 4));
        Length += packet.Length;
        return packet[4..];
    }

    private static void WriteBlocks(Span<byte> destination, ReadOnlySpan<ReportBlock> blocks)
    {
        for (int i = 0; i < blocks.Length; i++) blocks[i].Write(destination[(i * ReportBlock.Bytes)..]);
    }
}
