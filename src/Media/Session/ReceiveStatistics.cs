using Comms.Media.Numbers;
using Comms.Media.Wire.Rtcp;

namespace Comms.Media.Session;

/// <summary>What a receiver report says of one incoming stream: highest number, loss and jitter. RFC 3550 §6.4.1 and appendix A.8.</summary>
public struct ReceiveStatistics(uint ssrc, int ticksPerSecond)
{
    private uint _highest;
    private uint _first;
    private uint _received;
    private uint _receivedAtReport;
    private uint _expectedAtReport;
    private long _lastTransit;
    private long _jitterTimes16;
    private uint _lastSenderReport;
    private Instant _lastSenderReportAt;

    public readonly uint Ssrc => ssrc;

    /// <summary>True when packets have come since the last report.</summary>
    public readonly bool HasNews => _received != _receivedAtReport;

    public void OnPacket(ushort sequence, uint timestamp, Instant now)
    {
        long arrival = now.Nanoseconds / 1_000 * ticksPerSecond / 1_000_000;
        long transit = (uint)arrival - timestamp;
        if (_received++ == 0)
        {
            // One cycle up, so that a packet from before the first one does not count below zero.
            _highest = _first = 0x1_0000u + sequence;
            _lastTransit = transit;
            return;
        }

        short ahead = (short)(sequence - (ushort)_highest);
        if (ahead > 0) _highest += (uint)ahead;
        long difference = Math.Abs((int)(transit - _lastTransit));
        _lastTransit = transit;
        _jitterTimes16 += difference - ((_jitterTimes16 + 8) >> 4);
    }

    public void OnSenderReport(in SenderReport report, Instant now)
    {
        _lastSenderReport = report.CompactNtpTime;
        _lastSenderReportAt = now;
    }

    /// <summary>The block for the next report; begins the next interval.</summary>
    public ReportBlock TakeBlock(Instant now)
    {
        uint expected = _highest - _first + 1;
        long lostNow = (long)(expected - _expectedAtReport) - (_received - _receivedAtReport);
        uint interval = Math.Max(1, expected - _expectedAtReport);
        _expectedAtReport = expected;
        _receivedAtReport = _received;
        return new ReportBlock
        {
            Ssrc = ssrc,
            FractionLost = (byte)Math.Clamp(lostNow * 256 / interval, 0, 255),
            CumulativeLost = (int)Math.Clamp((long)expected - _received, -0x80_0000, 0x7F_FFFF),
            HighestSequence = _highest - 0x1_0000u,
            Jitter = (uint)(_jitterTimes16 >> 4),
            LastSenderReport = _lastSenderReport,
            DelaySinceLastSenderReport = _lastSenderReport == 0 ? 0 : (uint)(now.UsSince(_lastSenderReportAt) * 65_536 / 1_000_000),
        };
    }
}
