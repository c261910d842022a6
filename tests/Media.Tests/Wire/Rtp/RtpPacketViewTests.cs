using Comms.Media.Wire.Rtp;
using Comms.Support;
using Xunit;

namespace Comms.Media.Tests.Wire.Rtp;

public class RtpPacketViewTests
{
    private static readonly byte[] Full =
    [
        0xB2, 0xEF, 0x12, 0x34, 0x01, 0x02, 0x03, 0x04, 0xA0, 0xB0, 0xC0, 0xD0, // V=2 P X CC=2, M, PT 111
        0, 0, 0, 1, 0, 0, 0, 2,
        0xBE, 0xDE, 0, 2, 0x10, 0x30, 0x21, 0x41, 0x42, 0, 0, 0,
        9, 8, 7, 0, 2,
    ];

    private static readonly byte[] TwoByteForm =
        [0x90, 111, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0x10, 0x00, 0, 2, 5, 0, 6, 3, 1, 2, 3, 0, 0xAA];

    [Fact]
    public void Every_field_of_a_full_header_is_read()
    {
        Assert.True(RtpPacketView.TryParse(Full, out var packet));
        Assert.True(packet.Marker);
        Assert.Equal(111, packet.PayloadType);
        Assert.Equal(0x1234, packet.SequenceNumber);
        Assert.Equal(0x01020304u, packet.Timestamp);
        Assert.Equal(0xA0B0C0D0u, packet.Ssrc);
        Assert.Equal(2, packet.CsrcCount);
        Assert.Equal(2u, packet.Csrc(1));
        Assert.Equal(new byte[] { 9, 8, 7 }, packet.Payload.ToArray());
        Assert.True(packet.Extensions.TryFind(1, out var level));
        Assert.Equal(new byte[] { 0x30 }, level.ToArray());
        Assert.True(packet.Extensions.TryFind(2, out var mid));
        Assert.Equal("AB"u8.ToArray(), mid.ToArray());
        Assert.False(packet.Extensions.TryFind(3, out _));
    }

    [Fact]
    public void The_two_byte_form_is_read_with_empty_elements()
    {
        Assert.True(RtpPacketView.TryParse(TwoByteForm, out var packet));
        Assert.True(packet.Extensions.TryFind(5, out var empty));
        Assert.True(empty.IsEmpty);
        Assert.True(packet.Extensions.TryFind(6, out var value));
        Assert.Equal(new byte[] { 1, 2, 3 }, value.ToArray());
        Assert.Equal(new byte[] { 0xAA }, packet.Payload.ToArray());
    }

    [Fact]
    public void A_written_header_is_read_back()
    {
        var packet = new byte[15];
        new RtpHeader(111, true, 65535, 0xFFFFFFF0, 0x80000001).Write(packet);
        Assert.True(RtpPacketView.TryParse(packet, out var view));
        Assert.Equal((111, true, 65535, 0xFFFFFFF0u, 0x80000001u),
            (view.PayloadType, view.Marker, view.SequenceNumber, view.Timestamp, view.Ssrc));
        Assert.Equal(3, view.Payload.Length);
    }

    [Fact]
    public void Packets_that_are_short_or_overrun_are_refused()
    {
        for (int length = 0; length < 32; length++) Assert.False(RtpPacketView.TryParse(Full.AsSpan(0, length), out _), $"{length} bytes");
        Assert.False(RtpPacketView.TryParse([0x40, .. Full[1..]], out _));
        Assert.False(RtpPacketView.TryParse([.. Full[..^1], 0], out _));
        Assert.False(RtpPacketView.TryParse([.. Full[..^1], 6], out _));
    }

    [Fact]
    public void Mutated_packets_never_throw_or_allocate() =>
        Fuzz.Run([Full, TwoByteForm, Full[..12]], 4001, input =>
        {
            if (!RtpPacketView.TryParse(input, out var packet)) return;
            int bytes = packet.Payload.Length + packet.SequenceNumber;
            for (int i = 0; i < packet.CsrcCount; i++) bytes += (int)(packet.Csrc(i) & 1);
            for (int id = 1; id < 16; id++)
                if (packet.Extensions.TryFind(id, out var value)) bytes += value.Length;
            Assert.True(bytes >= 0);
        }, allocationFree: true);
}
