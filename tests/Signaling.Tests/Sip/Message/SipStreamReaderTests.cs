using System.Text;
using Comms.Signaling.Sip.Message;
using Comms.Support;
using Xunit;

namespace Comms.Signaling.Tests.Sip.Message;

public sealed class SipStreamReaderTests
{
    private static readonly byte[] Options = SipMessageWriter.Write(SipSamples.Request("OPTIONS"));
    private static readonly byte[] WithBody = SipMessageWriter.Write(SipSamples.Request("MESSAGE", callId: "m", body: "one\r\n\r\ntwo"));

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public void Messages_come_out_whole_however_the_stream_is_cut(int pieceBytes)
    {
        byte[] stream = [.. "\r\n"u8, .. Options, .. WithBody, .. "\r\n\r\n"u8, .. Options];
        Assert.Equal(["OPTIONS", "MESSAGE", "ping", "OPTIONS"], Read(stream, pieceBytes));
    }

    [Theory]
    [InlineData("OPTIONS sip:h SIP/2.0\r\nVia: x\r\n\r\nBYE sip:h SIP/2.0\r\nl: 0\r\n\r\n", "OPTIONS BYE")]
    [InlineData("OPTIONS sip:h SIP/2.0\r\ncontent-LENGTH :\t3 \r\n\r\nabcBYE sip:h SIP/2.0\r\nL:0\r\n\r\n", "OPTIONS BYE")]
    [InlineData("OPTIONS sip:h SIP/2.0\r\nl: 2\r\nContent-Length: 2\r\n\r\nab", "OPTIONS")]
    [InlineData("OPTIONS sip:h SIP/2.0\r\nl: 2\r\nContent-Length: 3\r\n\r\nabc", "fault")]
    [InlineData("OPTIONS sip:h SIP/2.0\r\nl: -1\r\n\r\n", "fault")]
    [InlineData("OPTIONS sip:h SIP/2.0\r\nl: 4x\r\n\r\n", "fault")]
    [InlineData("OPTIONS sip:h SIP/2.0\r\nl: \r\n\r\n", "fault")]
    [InlineData("OPTIONS sip:h SIP/2.0\r\nl: 65530\r\n\r\n", "fault")]
    [InlineData("OPTIONS sip:h SIP/2.0\r\nl: 4294967300\r\n\r\n", "fault")]
    [InlineData("\r\n\r\n\r\n\r\n", "ping ping")]
    [InlineData("\r\n\r", "")]
    [InlineData("", "")]
    public void The_length_says_where_a_message_ends(string stream, string expected) =>
        Assert.Equal(expected, string.Join(' ', Read(Encoding.ASCII.GetBytes(stream), 5)));

    [Fact]
    public void A_message_of_64_kB_is_read_and_a_larger_one_is_a_fault()
    {
        var head = "MESSAGE sip:h SIP/2.0\r\nContent-Length: 65000\r\n\r\n"u8;
        Assert.Equal(["MESSAGE"], Read([.. head, .. new byte[65_000]], 1_400));
        Assert.Equal(["fault"], Read([.. "MESSAGE sip:h SIP/2.0\r\nX: "u8, .. Enumerable.Repeat((byte)'a', 70_000)], 1_400));
    }

    [Fact]
    public void Line_ends_between_messages_are_no_begun_message()
    {
        var reader = new SipStreamReader();
        Feed(reader, "\r\n\r"u8);
        Assert.Equal(SipStreamItem.None, reader.TryRead(out _));
        Assert.False(reader.IsInsideMessage);
        Feed(reader, "\nO"u8);
        Assert.Equal(SipStreamItem.Ping, reader.TryRead(out _));
        Assert.Equal(SipStreamItem.None, reader.TryRead(out _));
        Assert.True(reader.IsInsideMessage);
    }

    [Fact]
    public void Mutated_streams_never_throw_and_always_leave_room_or_a_fault()
    {
        byte[][] corpus = [[.. Options, .. WithBody, .. "\r\n\r\n"u8], [.. WithBody, .. Options], [.. "\r\n\r\n"u8, .. Options]];
        Fuzz.Run(corpus, 5_626, input =>
        {
            var reader = new SipStreamReader();
            for (var at = 0; at < input.Length;)
            {
                var room = reader.GetRoom();
                var count = Math.Min(Math.Min(97, room.Length), input.Length - at);
                if (count == 0)
                {
                    throw new InvalidOperationException("no room and no fault");
                }

                input.Slice(at, count).CopyTo(room.Span);
                reader.Advance(count);
                at += count;
                SipStreamItem item;
                while ((item = reader.TryRead(out _)) is SipStreamItem.Message or SipStreamItem.Ping)
                {
                }

                if (item == SipStreamItem.Fault)
                {
                    return;
                }
            }
        });
    }

    private static void Feed(SipStreamReader reader, ReadOnlySpan<byte> octets)
    {
        octets.CopyTo(reader.GetRoom().Span);
        reader.Advance(octets.Length);
    }

    private static List<string> Read(ReadOnlySpan<byte> stream, int pieceBytes)
    {
        var reader = new SipStreamReader();
        var items = new List<string>();
        for (var at = 0; at < stream.Length;)
        {
            var count = Math.Min(Math.Min(pieceBytes, reader.GetRoom().Length), stream.Length - at);
            Feed(reader, stream.Slice(at, count));
            at += count;
            while (true)
            {
                var item = reader.TryRead(out var message);
                if (item == SipStreamItem.None)
                {
                    break;
                }

                items.Add(item == SipStreamItem.Message ? Encoding.ASCII.GetString(message).Split(' ')[0] : item.ToString().ToLowerInvariant());
                if (item == SipStreamItem.Fault)
                {
                    return items;
                }
            }
        }

        return items;
    }
}
