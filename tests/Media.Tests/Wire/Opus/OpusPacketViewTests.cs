using Comms.Media.Wire.Opus;
using Xunit;

namespace Comms.Media.Tests.Wire.Opus;

public class OpusPacketViewTests
{
    /// <summary>Configuration 1 (SILK narrowband 20 ms), mono.</summary>
    private const byte Silk20 = 1 << 3;

    /// <summary>Configuration 16 (CELT narrowband 2.5 ms), mono.</summary>
    private const byte Celt2Half = 16 << 3;

    [Theory]
    [InlineData(0, OpusMode.Silk, 480)]
    [InlineData(1, OpusMode.Silk, 960)]
    [InlineData(2, OpusMode.Silk, 1_920)]
    [InlineData(3, OpusMode.Silk, 2_880)]
    [InlineData(8, OpusMode.Silk, 480)]
    [InlineData(11, OpusMode.Silk, 2_880)]
    [InlineData(12, OpusMode.Hybrid, 480)]
    [InlineData(13, OpusMode.Hybrid, 960)]
    [InlineData(14, OpusMode.Hybrid, 480)]
    [InlineData(15, OpusMode.Hybrid, 960)]
    [InlineData(16, OpusMode.Celt, 120)]
    [InlineData(17, OpusMode.Celt, 240)]
    [InlineData(22, OpusMode.Celt, 480)]
    [InlineData(31, OpusMode.Celt, 960)]
    public void A_configuration_names_mode_and_frame_duration(int configuration, OpusMode mode, int ticks)
    {
        var toc = new OpusToc((byte)(configuration << 3 | 0x04 | 2));
        Assert.Equal(configuration, toc.Configuration);
        Assert.Equal(mode, toc.Mode);
        Assert.Equal(ticks, toc.FrameTicks);
        Assert.True(toc.IsStereo);
        Assert.Equal(2, toc.FrameCountCode);
    }

    [Fact]
    public void Code_0_is_one_frame_of_all_that_follows()
    {
        AssertFrames([Silk20, 1, 2, 3], 960, "010203");
        AssertFrames([Silk20], 960, "");
    }

    [Fact]
    public void Code_1_is_two_frames_of_equal_length() => AssertFrames([Silk20 | 1, 1, 2, 3, 4], 1_920, "0102", "0304");

    [Fact]
    public void Code_2_is_two_frames_with_the_first_length_given() => AssertFrames([Silk20 | 2, 1, 9, 8, 7], 1_920, "09", "0807");

    [Fact]
    public void A_length_from_252_takes_two_bytes()
    {
        byte[] packet = new byte[1 + 2 + 253 + 1];
        packet[0] = Silk20 | 2;
        packet[1] = 253;
        packet[2] = 0;
        packet[^1] = 0xEE;
        Assert.True(OpusPacketView.TryParse(packet, out OpusPacketView view, out _));
        Assert.Equal(253, view.Frame(0).Length);
        Assert.Equal(new byte[] { 0xEE }, view.Frame(1).ToArray());
    }

    [Fact]
    public void Code_3_with_constant_bitrate_divides_the_bytes() => AssertFrames([Silk20 | 3, 3, 1, 2, 3, 4, 5, 6], 2_880, "0102", "0304", "0506");

    [Fact]
    public void Code_3_with_variable_bitrate_names_all_lengths_but_the_last() =>
        AssertFrames([Silk20 | 3, 0x80 | 3, 1, 0, 9, 8, 7], 2_880, "09", "", "0807");

    [Fact]
    public void Padding_belongs_to_no_frame()
    {
        AssertFrames([Silk20 | 3, 0x40 | 2, 2, 1, 2, 0, 0], 1_920, "01", "02");
        AssertFrames([Silk20 | 3, 0xC0 | 2, 1, 1, 9, 8, 0], 1_920, "09", "08");
        byte[] longPadding = new byte[4 + 2 + 254 + 3];
        (longPadding[0], longPadding[1], longPadding[2], longPadding[3]) = (Silk20 | 3, 0x40 | 2, 255, 3);
        (longPadding[4], longPadding[5]) = (7, 8);
        AssertFrames(longPadding, 1_920, "07", "08");
    }

    [Fact]
    public void The_longest_packets_are_taken()
    {
        AssertFrames([Celt2Half | 3, 48, .. Enumerable.Range(0, 48).Select(i => (byte)i)], 5_760, [.. Enumerable.Range(0, 48).Select(i => $"{i:X2}")]);
        AssertFrames([Silk20, .. new byte[1_275]], 960, Convert.ToHexString(new byte[1_275]));
    }

    [Theory]
    [InlineData("", OpusPacketFault.Empty)]
    [InlineData("0901", OpusPacketFault.UnequalPair)]
    [InlineData("0A", OpusPacketFault.PairLengthTruncated)]
    [InlineData("0AFC", OpusPacketFault.PairLengthTruncated)]
    [InlineData("0A0201", OpusPacketFault.PairLengthOverruns)]
    [InlineData("0B", OpusPacketFault.CountMissing)]
    [InlineData("0B00", OpusPacketFault.NoFrames)]
    [InlineData("0B07", OpusPacketFault.TooMuchAudio)]
    [InlineData("8331", OpusPacketFault.TooMuchAudio)]
    [InlineData("0B41", OpusPacketFault.PaddingLengthTruncated)]
    [InlineData("0B41FF", OpusPacketFault.PaddingLengthTruncated)]
    [InlineData("0B4103AABB", OpusPacketFault.PaddingOverruns)]
    [InlineData("0B02AABBCC", OpusPacketFault.UnevenFrames)]
    [InlineData("0B83", OpusPacketFault.FrameLengthTruncated)]
    [InlineData("0B8301", OpusPacketFault.FrameLengthTruncated)]
    [InlineData("0B82FC", OpusPacketFault.FrameLengthTruncated)]
    [InlineData("0B8202AA", OpusPacketFault.FramesOverrun)]
    [InlineData("0BC20101AABB", OpusPacketFault.None)]
    [InlineData("0BC20201AABB", OpusPacketFault.FramesOverrun)]
    public void Malformed_packets_are_refused_with_the_reason(string hex, OpusPacketFault expected)
    {
        bool parsed = OpusPacketView.TryParse(Convert.FromHexString(hex), out _, out OpusPacketFault fault);
        // A row without a fault marks where the malformed one beside it begins.
        Assert.Equal(expected == OpusPacketFault.None, parsed);
        Assert.Equal(expected, fault);
    }

    [Theory]
    [InlineData(0, 1 + 1_276)]
    [InlineData(1, 1 + 2 * 1_276)]
    [InlineData(2, 1 + 1 + 1_276)]
    public void A_frame_above_1275_bytes_is_refused(int code, int packetBytes)
    {
        byte[] packet = new byte[packetBytes];
        packet[0] = (byte)(Silk20 | code);
        Assert.False(OpusPacketView.TryParse(packet, out _, out OpusPacketFault fault));
        Assert.Equal(OpusPacketFault.FrameTooLong, fault);
    }

    [Theory]
    [InlineData(0x02, 2 + 2 * 1_276)]
    [InlineData(0x82, 3 + 1_276)]
    public void A_counted_frame_above_1275_bytes_is_refused(int count, int packetBytes)
    {
        byte[] packet = new byte[packetBytes];
        packet[0] = Silk20 | 3;
        packet[1] = (byte)count;
        Assert.False(OpusPacketView.TryParse(packet, out _, out OpusPacketFault fault));
        Assert.Equal(OpusPacketFault.FrameTooLong, fault);
    }

    private static void AssertFrames(byte[] packet, int ticks, params string[] frames)
    {
        Assert.True(OpusPacketView.TryParse(packet, out OpusPacketView view, out OpusPacketFault fault), fault.ToString());
        Assert.Equal(ticks, view.Ticks);
        Assert.Equal(frames.Length, view.FrameCount);
        for (int index = 0; index < frames.Length; index++) Assert.Equal(frames[index], Convert.ToHexString(view.Frame(index)));
    }
}
