using Comms.Media.Numbers;
using Comms.Media.Wire.Rtcp;

namespace Comms.Media.Session;

/// <summary>
/// The RTCP that one session sends: a sender report for each stream that has sent since the last time, with the report on what the
/// peer says in the first of them, or a receiver report alone. Silent while nothing is sent or received.
/// </summary>
internal struct SessionReports(int intervalMs, Instant start)
{
    /// <summary>Reports on 16 streams, one block and the name.</summary>
    public const int MaxBytes = 600;

    private const int VoiceTicksPerSecond = 48_000;

    /// <summary>Room kept for the source description behind the reports.</summary>
    private const int NameBytes = 28;

    private ReceiveStatistics _received;

    public Instant NextDue { get; private set; } = start.AddMs(intervalMs);

    public void OnReceived(uint ssrc, ushort sequence, uint timestamp, Instant now)
    {
        if (_received.Ssrc != ssrc) _received = new ReceiveStatistics(ssrc, VoiceTicksPerSecond);
        _received.OnPacket(sequence, timestamp, now);
    }

    public void OnSenderReport(in SenderReport report, Instant now)
    {
        if (report.Ssrc == _received.Ssrc) _received.OnSenderReport(report, now);
    }

    /// <summary>Writes what is due; 0 when there is nothing to say. Sets the next due time.</summary>
    public int Write(Span<byte> buffer, Span<SendStream> streams, Instant now)
    {
        NextDue = now.AddMs(intervalMs);
        if (streams.IsEmpty) return 0;
        Span<ReportBlock> block = stackalloc ReportBlock[1];
        int blocks = 0;
        if (_received.HasNews) block[blocks++] = _received.TakeBlock(now);
        var writer = new CompoundWriter(buffer);
        foreach (ref var stream in streams)
        {
            if (stream.Packets == stream.PacketsAtReport || writer.Free < 28 + ReportBlock.Bytes + NameBytes) continue;
            stream.PacketsAtReport = stream.Packets;
            writer.AddSenderReport(ReportOf(stream, now), block[..blocks]);
            blocks = 0;
        }

        if (blocks > 0) writer.AddReceiverReport(streams[0].Ssrc, block[..blocks]);
        if (writer.Length == 0) return 0;
        writer.AddSourceDescription(streams[0].Ssrc, "comms"u8);
        return writer.Length;
    }

    // The node's monotonic clock as NTP time: RFC 3550 §6.4.1 allows a sender without wall clock to use elapsed time.
    private static SenderReport ReportOf(in SendStream stream, Instant now)
    {
        ulong seconds = (ulong)now.Nanoseconds / 1_000_000_000;
        ulong fraction = ((ulong)now.Nanoseconds % 1_000_000_000 << 32) / 1_000_000_000;
        uint timestamp = stream.LastTimestamp + (uint)(now.UsSince(stream.LastAt) * stream.TicksPerSecond / 1_000_000);
        return new SenderReport(stream.Ssrc, seconds << 32 | fraction, timestamp, stream.Packets, stream.Octets);
    }
}
