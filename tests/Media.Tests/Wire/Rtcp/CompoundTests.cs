using Comms.Media.Wire.Rtcp;
using Comms.Support;
using Xunit;

namespace Comms.Media.Tests.Wire.Rtcp;

public class CompoundTests
{
    private static readonly ReportBlock Block = new()
    {
        Ssrc = 7, FractionLost = 128, CumulativeLost = -5, HighestSequence = 0x10001, Jitter = 3, LastSenderReport = 4, DelaySinceLastSenderReport = 5,
    };

    [Fact]
    public void A_compound_is_read_back_as_written()
    {
        var reader = new CompoundReader(Compound());
        Assert.True(reader.TryRead(out var first));
        Assert.True(SenderReport.TryParse(first, out var sender));
        Assert.Equal(new SenderReport(1, 0x0102030405060708, 9, 10, 11), sender);
        Assert.Equal(0x03040506u, sender.CompactNtpTime);
        Assert.True(ReceiverReport.TryParse(first, out var blocks));
        Assert.Equal(1, blocks.Count);
        Assert.Equal(Block, blocks[0]);
        Assert.True(reader.TryRead(out var second));
        Assert.Equal(RtcpPacketType.SourceDescription, second.Type);
        Assert.Equal(1u, second.SenderSsrc);
        Assert.True(reader.TryRead(out var third));
        Assert.True(Nack.TryParse(third, out var nack));
        Assert.Equal(99u, nack.MediaSsrc);
        var missed = new List<int>();
        while (nack.TryRead(out ushort number)) missed.Add(number);
        Assert.Equal([65_530, 65_531, 65_533, 10], missed);
        Assert.True(reader.TryRead(out var fourth));
        Assert.True(KeyFrameRequest.TryParse(fourth, out uint wanted));
        Assert.Equal(98u, wanted);
        Assert.True(reader.TryRead(out var fifth));
        Assert.Equal(RtcpPacketType.Bye, fifth.Type);
        Assert.False(reader.TryRead(out _));
        Assert.False(reader.IsMalformed);
    }

    [Fact]
    public void A_full_intra_request_names_its_source_in_its_entry()
    {
        byte[] packet = [0x84, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 42, 1, 0, 0, 0];
        var reader = new CompoundReader(packet);
        Assert.True(reader.TryRead(out var view));
        Assert.True(KeyFrameRequest.TryParse(view, out uint wanted));
        Assert.Equal(42u, wanted);
    }

    [Fact]
    public void A_length_beyond_the_end_stops_the_reading_but_not_what_came_before()
    {
        byte[] bytes = [.. Compound(), 0x81, 201, 0, 9, 0];
        var reader = new CompoundReader(bytes);
        int count = 0;
        while (reader.TryRead(out _)) count++;
        Assert.Equal(5, count);
        Assert.True(reader.IsMalformed);
    }

    [Fact]
    public void Mutated_compounds_never_throw_loop_or_allocate()
    {
        byte[] fullIntra = [0x84, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 42, 1, 0, 0, 0];
        Fuzz.Run([Compound(), fullIntra], 4002, input =>
        {
            var reader = new CompoundReader(input);
            int steps = 0;
            while (reader.TryRead(out var packet))
            {
                steps++;
                if (SenderReport.TryParse(packet, out _)) steps++;
                if (KeyFrameRequest.TryParse(packet, out _)) steps++;
                if (ReceiverReport.TryParse(packet, out var report))
                    for (int i = 0; i < report.Count; i++) steps += (int)(report[i].Jitter & 1);
                if (Nack.TryParse(packet, out var nack))
                    while (nack.TryRead(out _)) steps++;
            }

            Assert.True(steps <= input.Length * 18 + 18);
        }, allocationFree: true);
    }

    private static byte[] Compound()
    {
        var buffer = new byte[400];
        var writer = new CompoundWriter(buffer);
        writer.AddSenderReport(new SenderReport(1, 0x0102030405060708, 9, 10, 11), [Block]);
        writer.AddSourceDescription(1, "comms"u8);
        writer.AddNack(1, 99, 65_530, 0b1000_0000_0000_0101);
        writer.AddPictureLoss(1, 98);
        writer.AddBye(1);
        return writer.Written.ToArray();
    }
}
