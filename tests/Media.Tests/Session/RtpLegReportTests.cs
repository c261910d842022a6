using System.Net;
using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Media.Session;
using Comms.Media.Wire.Rtcp;
using Comms.Media.Wire.Rtp;
using Xunit;

namespace Comms.Media.Tests.Session;

public class RtpLegReportTests
{
    private const uint Ours = 5_000;
    private const uint Theirs = 0x1234;

    private static readonly TransportAddress Phone = TransportAddress.From(new IPEndPoint(IPAddress.Parse("192.0.2.7"), 4_000));
    private static readonly TransportAddress PhoneRtcp = Phone with { Port = 4_001 };

    private readonly RtpLeg _leg;
    private Instant _now = new(5_000_000_000);

    public RtpLegReportTests() => _leg = new RtpLeg(
        new RtpLegParameters
        {
            Codec = RtpLegCodec.Pcmu, Remote = new IPEndPoint(IPAddress.Parse("192.0.2.7"), 4_000), LocalAddress = IPAddress.Loopback,
        },
        new RtpLegIdentity(Ours, 1, 1),
        new RtpLegSettings(),
        _now);

    [Fact]
    public void A_talking_leg_sends_sender_reports_every_five_seconds_to_the_RTCP_port()
    {
        Talk();
        byte[] first = NextReport(out RtpLegTransmit transmit, out Instant firstAt);
        Assert.Equal(PhoneRtcp, transmit.Destination);
        Assert.True(transmit.FromRtcpSocket);
        SenderReport report = ReadSender(first);
        Assert.Equal((Ours, 2u, 320u), (report.Ssrc, report.PacketCount, report.OctetCount));
        Talk();
        NextReport(out _, out Instant secondAt);
        Assert.Equal(5_000, secondAt.MsSince(firstAt));
    }

    [Fact]
    public void A_silent_leg_sends_receiver_reports_with_its_name()
    {
        Talk();
        NextReport(out _, out _);
        var reader = new CompoundReader(NextReport(out _, out _));
        Assert.True(reader.TryRead(out RtcpPacketView report));
        Assert.Equal(RtcpPacketType.ReceiverReport, report.Type);
        Assert.True(reader.TryRead(out RtcpPacketView description));
        Assert.Equal(RtcpPacketType.SourceDescription, description.Type);
        Assert.False(reader.TryRead(out _));
        Assert.False(reader.IsMalformed);
    }

    [Fact]
    public void Loss_and_highest_number_are_reported_across_the_wrap()
    {
        ushort[] sequence = [65_533, 65_534, 1, 0, 3];
        foreach (ushort number in sequence) Hear(number);
        ReportBlock block = ReadBlock(NextReport(out _, out _));
        Assert.Equal(Theirs, block.Ssrc);
        // 65,533 to 65,536 + 3 are seven numbers, of which 65,535 and 2 are missing.
        Assert.Equal(65_536u + 3, block.HighestSequence);
        Assert.Equal(2, block.CumulativeLost);
        Assert.Equal(2 * 256 / 7, block.FractionLost);
        Assert.Equal(2, _leg.Reports.Lost);
    }

    [Fact]
    public void Even_arrival_has_no_jitter_and_uneven_arrival_has()
    {
        for (ushort number = 0; number < 100; number++) Hear(number);
        Assert.Equal(0u, ReadBlock(NextReport(out _, out _)).Jitter);
        for (ushort number = 100; number < 300; number++) Hear(number, lateMs: number % 2 == 0 ? 10 : 0);
        // Transit times alternate by 10 ms = 80 ticks.
        Assert.InRange(ReadBlock(NextReport(out _, out _)).Jitter, 70u, 82u);
    }

    [Fact]
    public void The_round_trip_time_follows_from_the_peers_report()
    {
        Talk();
        SenderReport sent = ReadSender(NextReport(out _, out _));
        _now = _now.AddMs(150);
        byte[] datagram = new byte[64];
        var writer = new CompoundWriter(datagram);
        writer.AddReceiverReport(Theirs, [new ReportBlock
        {
            Ssrc = Ours, FractionLost = 64, LastSenderReport = sent.CompactNtpTime, DelaySinceLastSenderReport = 65_536 / 10,
        }]);
        Assert.False(_leg.HandleDatagram(writer.Written, PhoneRtcp, _now, out _));
        Assert.InRange(_leg.Reports.RoundTripMs, 49, 51);
        Assert.Equal(64, _leg.Reports.RemoteFractionLost);
    }

    [Fact]
    public void A_report_from_a_stranger_is_dropped()
    {
        byte[] datagram = new byte[8];
        var writer = new CompoundWriter(datagram);
        writer.AddReceiverReport(Theirs, []);
        Assert.False(_leg.HandleDatagram(datagram, PhoneRtcp with { Port = 9 }, _now, out _));
        Assert.Equal(1, _leg.Drops[DropReason.ForeignSource]);
    }

    private void Talk()
    {
        _leg.Send(new byte[160], 0, true, _now);
        _leg.Send(new byte[160], 160, false, _now);
    }

    private void Hear(ushort number, int lateMs = 0)
    {
        byte[] packet = new byte[172];
        new RtpHeader(0, false, number, (uint)((short)number * 160), Theirs).Write(packet);
        Assert.True(_leg.HandleDatagram(packet, Phone, _now.AddMs(lateMs), out _));
        _now = _now.AddMs(20);
    }

    private byte[] NextReport(out RtpLegTransmit transmit, out Instant at)
    {
        byte[] buffer = new byte[RtpLeg.MaxDatagramBytes];
        while (true)
        {
            while (_leg.TryPollTransmit(buffer, out transmit))
            {
                at = _now;
                if (transmit.FromRtcpSocket) return buffer[..transmit.Bytes];
            }

            _now = _leg.NextDeadline < _now ? _now : _leg.NextDeadline;
            _leg.HandleTimeout(_now);
        }
    }

    private static SenderReport ReadSender(byte[] datagram)
    {
        var reader = new CompoundReader(datagram);
        Assert.True(reader.TryRead(out RtcpPacketView packet));
        Assert.True(SenderReport.TryParse(packet, out SenderReport report));
        return report;
    }

    private static ReportBlock ReadBlock(byte[] datagram)
    {
        var reader = new CompoundReader(datagram);
        Assert.True(reader.TryRead(out RtcpPacketView packet));
        Assert.True(ReceiverReport.TryParse(packet, out ReceiverReport report));
        Assert.Equal(1, report.Count);
        return report[0];
    }
}
