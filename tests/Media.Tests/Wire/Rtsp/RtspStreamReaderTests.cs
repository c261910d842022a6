using System.Text;
using Comms.Media.Wire.Rtsp;
using Comms.Support;
using Xunit;

namespace Comms.Media.Tests.Wire.Rtsp;

public sealed class RtspStreamReaderTests
{
    private const string Options = "OPTIONS rtsp://127.0.0.1/ingest/x RTSP/1.0\r\nCSeq: 1\r\n\r\n";
    private const string Announce = "ANNOUNCE rtsp://127.0.0.1/ingest/x RTSP/1.0\r\nCSeq: 2\r\nContent-Length: 5\r\n\r\nhello";
    private static readonly byte[] Frame = [(byte)'$', 0, 0, 4, 0x80, 96, 0, 1];

    [Fact]
    public void Messages_and_frames_are_told_apart_however_the_stream_is_cut()
    {
        byte[] stream = [.. Bytes(Options), .. Frame, .. Bytes(Announce), .. Frame, .. Frame];
        for (var cut = 1; cut < stream.Length; cut++)
        {
            var reader = new RtspStreamReader();
            var found = new List<string>();
            Read(reader, stream.AsSpan(0, cut), found);
            Read(reader, stream.AsSpan(cut), found);
            Assert.Equal(["OPTIONS ", "$0:4", "ANNOUNCE hello", "$0:4", "$0:4"], found);
        }
    }

    [Fact]
    public void Single_bytes_are_enough()
    {
        var reader = new RtspStreamReader();
        var found = new List<string>();
        foreach (var one in Bytes(Announce).Concat(Frame))
        {
            Read(reader, [one], found);
        }

        Assert.Equal(["ANNOUNCE hello", "$0:4"], found);
    }

    [Fact]
    public void Garbage_before_a_frame_is_stepped_over()
    {
        var reader = new RtspStreamReader();
        var found = new List<string>();
        Read(reader, [1, 2, (byte)'$', 9, 9, 9, 9, .. Frame], found);
        Assert.Equal(["$0:4"], found);
        Assert.Equal(7, reader.GarbageBytes);
    }

    [Theory]
    [InlineData("OPTIONS * RTSP/1.0\r\nContent-Length: -5\r\n\r\n")]
    [InlineData("OPTIONS * RTSP/1.0\r\nContent-Length: 9999999\r\n\r\n")]
    [InlineData("OPTIONS\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    public void What_cannot_be_rtsp_is_a_violation(string text)
    {
        var found = new List<string>();
        Read(new RtspStreamReader(), Bytes(text), found);
        Assert.Equal(["violation"], found);
    }

    [Fact]
    public void Endless_headers_and_endless_garbage_are_violations()
    {
        var reader = new RtspStreamReader();
        var found = new List<string>();
        for (var i = 0; i < 100 && found.Count == 0; i++)
        {
            Read(reader, Bytes("OPTIONS " + new string('a', 1000)), found);
        }

        Assert.Equal(["violation"], found);
        found.Clear();
        reader = new RtspStreamReader();
        for (var i = 0; i < 1000 && found.Count == 0; i++)
        {
            Read(reader, new byte[1000], found);
        }

        Assert.Equal(["violation"], found);
    }

    [Fact]
    public void Mutated_streams_never_throw()
    {
        byte[][] corpus =
        [
            Bytes(Options), Bytes(Announce), [.. Frame, .. Bytes(Options), .. Frame],
            Bytes("RTSP/1.0 200 OK\r\nCSeq: 3\r\nSession: 1;timeout=60\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n\r\n"),
            Bytes("DESCRIBE rtsp://h/1 RTSP/1.0\nCSeq: 9\n folded\nAuthorization: Digest a=\"b\"\n\n"),
        ];
        var reader = new RtspStreamReader();
        Fuzz.Run(corpus, 7201, input =>
        {
            var cursor = reader.Open(input);
            RtspElement element;
            while (cursor.TryRead(out element))
            {
                if (element.Message is { } message)
                {
                    _ = RtspTransport.TryParse(message["Transport"], out _);
                    _ = message.CSeq;
                    _ = RtspIngest.TokenOf(message.Uri);
                    _ = RtspPlayback.PathOf(message.Uri);
                    _ = RtspSdp.Parse(message.Body);
                }
            }

            cursor.Close();
            if (element.Kind == RtspElementKind.Violation)
            {
                reader.Release();
                reader = new RtspStreamReader();
            }
        });
    }

    [Fact]
    public void Interleaved_frames_are_read_without_allocation()
    {
        var reader = new RtspStreamReader();
        byte[] stream = [.. Frame, .. Frame, .. Frame.AsSpan(0, 3)];
        byte[] tail = Frame[3..];
        var count = 0;
        long before = 0;
        for (var i = 0; i < 1000; i++)
        {
            before = i == 100 ? GC.GetAllocatedBytesForCurrentThread() : before;
            count += Count(reader, stream) + Count(reader, tail);
        }

        Assert.Equal(3000, count);
        // The runtime's own first-use caches come to some hundred bytes; 900 rounds that allocated would come to more.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 899);
    }

    private static int Count(RtspStreamReader reader, ReadOnlySpan<byte> bytes)
    {
        var count = 0;
        var cursor = reader.Open(bytes);
        while (cursor.TryRead(out _))
        {
            count++;
        }

        cursor.Close();
        return count;
    }

    private static byte[] Bytes(string text) => Encoding.ASCII.GetBytes(text);

    private static void Read(RtspStreamReader reader, ReadOnlySpan<byte> bytes, List<string> found)
    {
        var cursor = reader.Open(bytes);
        RtspElement element;
        while (cursor.TryRead(out element))
        {
            found.Add(element.Message is { } message
                ? $"{message.Method} {message.Body}"
                : $"${element.Channel}:{element.Payload.Length}");
        }

        cursor.Close();
        if (element.Kind == RtspElementKind.Violation)
        {
            found.Add("violation");
        }
    }
}
