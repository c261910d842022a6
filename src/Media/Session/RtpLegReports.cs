using System.Globalization;
using System.Text;
using Comms.Media.Audio;
using Comms.Media.Numbers;
using Comms.Media.Wire.Rtcp;
using Comms.Media.Wire.Rtp;

namespace Comms.Media.Session;

/// <summary>
/// What a plain-RTP leg reports to its peer and learns from the peer's reports. RFC 3550 §6.4. The NTP time in our sender
/// reports is this node's monotonic clock, which §6.4.1 allows and which is enough for round-trip times.
/// </summary>
public sealed class RtpLegReports
{
    /// <summary>Sender report with one block, and a source description with a short name.</summary>
    public const int MaxBytes = 28 + 24 + 32;

    private readonly byte[] _cname;
    private readonly uint _ssrc;
    private readonly int _intervalMs;
    private uint _lastSenderReport;
    private Instant _lastSenderReportAt;
    private bool _hasSource;
    private uint _source;
    private uint _highest;
    private uint _first;
    private uint _received;
    private uint _expectedBefore;
    private uint _receivedBefore;
    private long _lastTransit;
    private long _jitterTimes16;
    private long _sentBefore;

    public RtpLegReports(uint ssrc, RtpLegSettings settings, Instant now)
    {
        _ssrc = ssrc;
        _intervalMs = settings.ReportMs;
        // A name without meaning outside the session. RFC 7022 §4.2.
        _cname = Encoding.ASCII.GetBytes(ssrc.ToString("x8", CultureInfo.InvariantCulture));
        // Legs that begin together do not report together. RFC 3550 §6.2.
        NextAt = now.AddMs(_intervalMs / 2 + ssrc % _intervalMs);
    }

    public Instant NextAt { get; private set; }

    /// <summary>The share of our packets that the peer lost in its last interval, in 1/256.</summary>
    public byte RemoteFractionLost { get; private set; }

    /// <summary>Round-trip time from the peer's last report; −1 before the first.</summary>
    public int RoundTripMs { get; private set; } = -1;

    /// <summary>Packets of the peer that never arrived, without those that came twice.</summary>
    public int Lost => _hasSource ? (int)(_highest - _first + 1 - _received) : 0;

    /// <summary>Counts a packet of the peer; another SSRC begins the counting anew. RFC 3550 appendices A.1, A.3 and A.8.</summary>
    public void NotePacket(in RtpPacketView packet, Instant now)
    {
        long transit = now.UsSince(default) * (G711.SamplesPerSecond / 1_000) / 1_000 - packet.Timestamp;
        if (!_hasSource || packet.Ssrc != _source)
        {
            (_hasSource, _source, _lastTransit, _jitterTimes16) = (true, packet.Ssrc, transit, 0);
            // One cycle up, so that a reordered first packet does not fall below zero.
            _first = _highest = packet.SequenceNumber + 0x1_0000u;
            (_received, _expectedBefore, _receivedBefore) = (1, 0, 0);
            _lastSenderReport = 0;
            return;
        }

        short ahead = (short)(packet.SequenceNumber - (ushort)_highest);
        if (ahead > 0) _highest += (uint)ahead;
        _received++;
        long difference = Math.Abs((long)(int)(uint)(transit - _lastTransit));
        _lastTransit = transit;
        // A pause of the talker may move the timestamp in any way; that is no jitter.
        if (!packet.Marker) _jitterTimes16 += difference - ((_jitterTimes16 + 8) >> 4);
    }

    /// <summary>Reads a datagram of the peer's RTCP. False: it is none.</summary>
    public bool Handle(ReadOnlySpan<byte> datagram, Instant now)
    {
        var reader = new CompoundReader(datagram);
        bool any = false;
        while (reader.TryRead(out RtcpPacketView packet))
        {
            any = true;
            if (SenderReport.TryParse(packet, out SenderReport sender)) (_lastSenderReport, _lastSenderReportAt) = (sender.CompactNtpTime, now);
            if (!ReceiverReport.TryParse(packet, out ReceiverReport report)) continue;
            for (int i = 0; i < report.Count; i++) Learn(report[i], now);
        }

        return any;
    }

    /// <summary>Writes the report that is due and sets the time of the next. The buffer must hold <see cref="MaxBytes"/>.</summary>
    public int Write(Span<byte> buffer, RtpLegSender sender, Instant now)
    {
        NextAt = now.AddMs(_intervalMs);
        Span<ReportBlock> blocks = stackalloc ReportBlock[1];
        if (_hasSource) blocks[0] = Block(now);
        else blocks = [];
        var writer = new CompoundWriter(buffer);
        if (sender.PacketsSent != _sentBefore)
        {
            var report = new SenderReport(
                _ssrc, NtpTime(now), sender.TimestampAt(now), (uint)sender.PacketsSent, (uint)sender.PayloadBytesSent);
            writer.AddSenderReport(report, blocks);
        }
        else
        {
            writer.AddReceiverReport(_ssrc, blocks);
        }

        _sentBefore = sender.PacketsSent;
        writer.AddSourceDescription(_ssrc, _cname);
        return writer.Length;
    }

    private void Learn(in ReportBlock block, Instant now)
    {
        if (block.Ssrc != _ssrc) return;
        RemoteFractionLost = block.FractionLost;
        if (block.LastSenderReport == 0) return;
        uint roundTrip = (uint)(NtpTime(now) >> 16) - block.LastSenderReport - block.DelaySinceLastSenderReport;
        // A peer's clock that runs fast may make it negative.
        RoundTripMs = (int)roundTrip < 0 ? 0 : (int)(roundTrip * 1_000L >> 16);
    }

    private ReportBlock Block(Instant now)
    {
        uint expected = _highest - _first + 1;
        int lostNow = (int)(expected - _expectedBefore - (_received - _receivedBefore));
        uint expectedNow = expected - _expectedBefore;
        (_expectedBefore, _receivedBefore) = (expected, _received);
        return new ReportBlock
        {
            Ssrc = _source,
            FractionLost = lostNow <= 0 || expectedNow == 0 ? (byte)0 : (byte)Math.Min(255, lostNow * 256L / expectedNow),
            CumulativeLost = Math.Clamp(Lost, -0x80_0000, 0x7F_FFFF),
            HighestSequence = _highest - 0x1_0000,
            Jitter = (uint)(_jitterTimes16 >> 4),
            LastSenderReport = _lastSenderReport,
            DelaySinceLastSenderReport = _lastSenderReport == 0 ? 0 : (uint)(now.UsSince(_lastSenderReportAt) * 65_536 / 1_000_000),
        };
    }

    private static ulong NtpTime(Instant now) =>
        (ulong)((UInt128)(ulong)now.Nanoseconds * (1UL << 32) / 1_000_000_000);
}
