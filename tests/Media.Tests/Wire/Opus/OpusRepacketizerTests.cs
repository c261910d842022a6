using Comms.Media.Wire.Opus;
using Comms.Support;
using Xunit;

namespace Comms.Media.Tests.Wire.Opus;

public class OpusRepacketizerTests
{
    /// <summary>SILK wideband, 20 ms, mono, one frame.</summary>
    private static readonly OpusToc Wideband = new(9 << 3);

    private readonly OpusRepacketizer _gathered = new();
    private readonly byte[] _packet = new byte[OpusRepacketizer.MaxPacketBytes];

    [Fact]
    public void Frames_of_different_lengths_come_out_of_one_variable_bitrate_packet_as_they_went_in()
    {
        byte[][] frames = [[1, 2, 3], [], Filled(251, 7), Filled(252, 8), Filled(500, 9), [4]];
        var view = Merge(Wideband, frames);
        Assert.Equal((3, 9, 5_760), (view.Toc.FrameCountCode, view.Toc.Configuration, view.Ticks));
        for (int i = 0; i < frames.Length; i++) Assert.Equal(frames[i], view.Frame(i).ToArray());
    }

    [Fact]
    public void Frames_of_equal_length_need_no_lengths()
    {
        byte[][] frames = [Filled(60, 1), Filled(60, 2), Filled(60, 3)];
        var view = Merge(Wideband, frames);
        Assert.Equal(2 + 3 * 60, _written);
        for (int i = 0; i < frames.Length; i++) Assert.Equal(frames[i], view.Frame(i).ToArray());
    }

    [Fact]
    public void A_frame_alone_is_a_plain_packet()
    {
        Merge(new OpusToc(9 << 3 | 4 | 3), [Filled(10, 1)]);
        Assert.Equal((11, 9 << 3 | 4), (_written, _packet[0]));
    }

    [Fact]
    public void No_more_than_120_ms_no_more_than_1150_bytes_and_one_kind_only()
    {
        for (int i = 0; i < 6; i++)
        {
            Assert.True(_gathered.CanAdd(Wideband, 10));
            _gathered.Add(Wideband, Filled(10, 1));
        }

        Assert.False(_gathered.CanAdd(Wideband, 10));
        Assert.True(_gathered.IsSameKind(new OpusToc(9 << 3 | 3)));
        Assert.False(_gathered.IsSameKind(new OpusToc(9 << 3 | 4)));
        Assert.False(_gathered.IsSameKind(new OpusToc(10 << 3)));
        _gathered.Write(_packet);
        _gathered.Add(Wideband, Filled(600, 1));
        Assert.False(_gathered.CanAdd(Wideband, 600));
        Assert.True(_gathered.CanAdd(Wideband, 500));
    }

    [Fact]
    public void Whatever_is_gathered_within_the_limits_is_read_back_the_same()
    {
        var random = new SeededRandom(11);
        for (int run = 0; run < 20_000; run++)
        {
            var toc = new OpusToc((byte)(random.NextByte() & 0xFC));
            var frames = new List<byte[]>();
            int longest = random.Next(3) == 0 ? 600 : 120;
            bool equal = random.Next(4) == 0;
            int length = random.Next(longest);
            while (frames.Count < 1 + random.Next(50))
            {
                if (!equal) length = random.Next(longest);
                if (!_gathered.CanAdd(toc, length)) break;
                frames.Add(Filled(length, random.NextByte()));
                _gathered.Add(toc, frames[^1]);
            }

            int bytes = _gathered.Write(_packet);
            Assert.True(bytes <= OpusRepacketizer.MaxPacketBytes);
            Assert.True(OpusPacketView.TryParse(_packet.AsSpan(0, bytes), out var view, out var fault), fault.ToString());
            Assert.Equal(frames.Count, view.FrameCount);
            for (int i = 0; i < frames.Count; i++) Assert.True(view.Frame(i).SequenceEqual(frames[i]));
        }
    }

    private int _written;

    private OpusPacketView Merge(OpusToc toc, byte[][] frames)
    {
        foreach (byte[] frame in frames)
        {
            Assert.True(_gathered.CanAdd(toc, frame.Length));
            _gathered.Add(toc, frame);
        }

        _written = _gathered.Write(_packet);
        Assert.True(OpusPacketView.TryParse(_packet.AsSpan(0, _written), out var view, out var fault), fault.ToString());
        return view;
    }

    private static byte[] Filled(int length, byte value)
    {
        byte[] frame = new byte[length];
        frame.AsSpan().Fill(value);
        return frame;
    }
}
