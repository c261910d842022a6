namespace Comms.Media.Wire.Rtcp;

/// <summary>Report blocks of an SR or RR. RFC 3550 §6.4.2. Aliases the packet.</summary>
public readonly ref struct ReceiverReport
{
    private readonly ReadOnlySpan<byte> _blocks;

    private ReceiverReport(ReadOnlySpan<byte> blocks) => _blocks = blocks;

    /// <summary>0 to 31.</summary>
    public int Count => _blocks.Length / ReportBlock.Bytes;

    public ReportBlock this[int index] => ReportBlock.Read(_blocks[(index * ReportBlock.Bytes)..]);

    /// <summary>False: neither SR nor RR, or shorter than its report blocks.</summary>
    public static bool TryParse(in RtcpPacketView packet, out ReceiverReport report)
    {
        report = default;
        int start = packet.Type switch
        {
            RtcpPacketType.SenderReport => SenderReport.BodyBytes,
            RtcpPacketType.ReceiverReport => 4,
            _ => -1,
        };
        int bytes = packet.Count * ReportBlock.Bytes;
        if (start < 0 || packet.Body.Length < start + bytes) return false;
        report = new ReceiverReport(packet.Body.Slice(start, bytes));
        return true;
    }
}
