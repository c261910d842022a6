using System.Buffers.Binary;
using Comms.Media.Fanout;
using Comms.Media.Io;
using Comms.Media.Numbers;

namespace Comms.Media.Relay;

/// <summary>Plays a feed to a program that pulled it from us, as interleaved RTP over its connection. On the feed's loop.</summary>
internal sealed class FeedPlayer(EventLoop loop, TcpConnection connection, byte channel) : IVideoViewer
{
    public const int PayloadType = 96;

    private const int FrameHeaderBytes = 4;
    private const int RtpHeaderBytes = 12;

    /// <summary>A program that reads slowly gets nothing more until it has read; then it goes on at a key frame.</summary>
    private const int MaxUnsentBytes = 32 * 1024;

    private ushort _sequence;

    public SessionId Session => default;

    public int Loop => loop.Index;

    public IVideoFeed? Feed { get; set; }

    public IVideoFeed? NextFeed { get; set; }

    public uint? LastVideoTimestamp { get; private set; }

    public bool CanShow(VideoCodec codec) => true;

    public int SendVideo(ReadOnlySpan<byte> payload, bool marker, uint timestamp90k, Instant now)
    {
        if (connection.IsClosed || connection.QueuedBytes > MaxUnsentBytes)
        {
            return -1;
        }

        Span<byte> packet = stackalloc byte[FrameHeaderBytes + RtpHeaderBytes + FrameLimits.MaxPayloadBytes];
        packet[0] = (byte)'$';
        packet[1] = channel;
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)(RtpHeaderBytes + payload.Length));
        packet[4] = 0x80;
        packet[5] = (byte)(PayloadType | (marker ? 0x80 : 0));
        BinaryPrimitives.WriteUInt16BigEndian(packet[6..], _sequence);
        BinaryPrimitives.WriteUInt32BigEndian(packet[8..], timestamp90k);
        BinaryPrimitives.WriteUInt32BigEndian(packet[12..], 1);
        payload.CopyTo(packet[(FrameHeaderBytes + RtpHeaderBytes)..]);
        LastVideoTimestamp = timestamp90k;
        connection.Write(packet[..(FrameHeaderBytes + RtpHeaderBytes + payload.Length)], now);
        return _sequence++;
    }

    public bool ResendVideo(ushort sequenceNumber, ReadOnlySpan<byte> payload, bool marker, uint timestamp90k, Instant now) => false;
}
