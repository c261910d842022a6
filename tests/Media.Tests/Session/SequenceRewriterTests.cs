using Comms.Media.Numbers;
using Comms.Media.Session;
using Comms.Support;
using Xunit;

namespace Comms.Media.Tests.Session;

public class SequenceRewriterTests
{
    private static readonly Instant Start = new(1_000_000_000_000);

    [Fact]
    public void Streams_run_on_without_a_gap_and_advance_by_the_elapsed_time()
    {
        var rewriter = new SequenceRewriter(65_534, 0xFFFF_FF00, 48_000);
        Assert.Equal((true, 65_534, 0xFFFF_FF00u, true), Send(ref rewriter, 10, 5_000, Start));
        Assert.Equal((true, 65_535, unchecked(0xFFFF_FF00u + 960), false), Send(ref rewriter, 11, 5_960, Start.AddMs(20)));
        rewriter.Rebase();
        Assert.Equal((true, 0, unchecked(0xFFFF_FF00u + 960 + 48_000), true), Send(ref rewriter, 900, 77, Start.AddMs(1_020)));
        Assert.Equal((true, 1, unchecked(0xFFFF_FF00u + 1_920 + 48_000), false), Send(ref rewriter, 901, 77 + 960, Start.AddMs(1_040)));
    }

    [Fact]
    public void Two_streams_in_one_moment_are_at_least_one_frame_apart()
    {
        var rewriter = new SequenceRewriter(1, 0, 48_000);
        Send(ref rewriter, 1, 0, Start);
        rewriter.Rebase();
        Assert.Equal(960u, Send(ref rewriter, 1, 0, Start).Timestamp);
    }

    [Fact]
    public void A_stream_begins_behind_the_whole_of_a_long_packet()
    {
        var rewriter = new SequenceRewriter(1, 0, 48_000);
        (ushort sequence, uint timestamp, bool marker) = (1, 0, false);
        rewriter.Rewrite(ref sequence, ref timestamp, ref marker, 5_760, Start);
        rewriter.Rebase();
        Assert.Equal(5_760u, Send(ref rewriter, 1, 0, Start.AddMs(20)).Timestamp);
    }

    [Fact]
    public void Only_the_first_packet_of_a_stream_is_first_when_the_numbers_have_come_round()
    {
        var rewriter = new SequenceRewriter(10, 0, 48_000);
        for (int i = 0; i <= 65_536; i++) Send(ref rewriter, (ushort)i, (uint)(i * 960), Start);
        Assert.True(rewriter.TryFindSource(10, out _, out _, out bool isFirst));
        Assert.False(isFirst);
    }

    [Fact]
    public void Order_and_gaps_inside_a_stream_stay_and_nothing_older_than_its_beginning_is_sent()
    {
        var rewriter = new SequenceRewriter(100, 0, 48_000);
        Assert.Equal(100, Send(ref rewriter, 50, 0, Start).Sequence);
        rewriter.Rebase();
        Assert.Equal(101, Send(ref rewriter, 60, 0, Start).Sequence);
        Assert.Equal(104, Send(ref rewriter, 63, 0, Start).Sequence);
        Assert.Equal((true, 102), (Send(ref rewriter, 61, 0, Start).Sent, Send(ref rewriter, 61, 0, Start).Sequence));
        Assert.False(Send(ref rewriter, 59, 0, Start).Sent);
    }

    [Fact]
    public void What_was_sent_is_found_again_until_the_next_stream()
    {
        var rewriter = new SequenceRewriter(65_500, 1_000, 48_000);
        for (int i = 0; i < 100; i++) Send(ref rewriter, (ushort)(7 + i), (uint)(i * 960), Start);
        Assert.True(rewriter.TryFindSource(unchecked((ushort)(65_500 + 99)), out ushort source, out uint offset, out bool isFirst));
        Assert.Equal((106, 1_000u, false), (source, offset, isFirst));
        Assert.True(rewriter.TryFindSource(65_500, out source, out _, out isFirst));
        Assert.Equal((7, true), (source, isFirst));
        Assert.False(rewriter.TryFindSource(65_499, out _, out _, out _));
        Assert.False(rewriter.TryFindSource(unchecked((ushort)(65_500 + 100)), out _, out _, out _));
        rewriter.Rebase();
        Assert.False(rewriter.TryFindSource(65_500, out _, out _, out _));
    }

    [Fact]
    public void No_number_is_ever_given_to_two_packets_however_streams_change()
    {
        var random = new SeededRandom(5);
        var rewriter = new SequenceRewriter(30_000, 0, 48_000);
        var given = new HashSet<ushort>();
        var seen = new HashSet<ushort>();
        ushort source = 0;
        for (int i = 0; i < 40_000; i++)
        {
            if (random.Next(50) == 0)
            {
                rewriter.Rebase();
                seen.Clear();
                source = (ushort)random.Next(65_536);
            }

            source++;
            ushort number = random.Next(4) == 0 ? (ushort)(source - random.Next(8)) : source;
            if (!seen.Add(number)) continue;
            var sent = Send(ref rewriter, number, 0, Start);
            if (sent.Sent) Assert.True(given.Add((ushort)sent.Sequence), $"{sent.Sequence} twice, at {i}");
        }
    }

    private static (bool Sent, int Sequence, uint Timestamp, bool Marker) Send(ref SequenceRewriter rewriter, ushort sequence, uint timestamp, Instant now)
    {
        bool marker = false;
        bool sent = rewriter.Rewrite(ref sequence, ref timestamp, ref marker, 960, now);
        return (sent, sequence, timestamp, marker);
    }
}
