using System.Buffers.Binary;
using System.Security.Cryptography;
using Comms.Media.Fanout;
using Comms.Media.Numbers;
using Comms.Media.Relay;
using Comms.Media.Wire.Rtp;

namespace Comms.Media.Node.Streams;

/// <summary>A stranger's RTSP player as a viewer of its camera: packets go out interleaved on its connection. RFC 2326 §10.12.</summary>
internal sealed class RtspPlayerSession(SessionEntry entry, MediaLoop loop, StreamConnection connection) : LoopSession(entry, loop), IVideoViewer
{
    private const byte PayloadType = FeedPlayer.PayloadType;
    private const int FrameBytes = 4;

    private readonly uint _ssrc = (uint)RandomNumberGenerator.GetInt32(int.MaxValue);
    private readonly byte[] _packet = new byte[FrameBytes + RtpHeader.Bytes + FrameLimits.MaxPayloadBytes];
    private ushort _sequence = (ushort)RandomNumberGenerator.GetInt32(0x8000);
    private long _sent;

    public IVideoFeed? Feed { get; set; }

    public IVideoFeed? NextFeed { get; set; }

    public uint? LastVideoTimestamp { get; private set; }

    int IVideoViewer.Loop => Loop.Events.Index;

    protected override string Kind => "rtsp";

    protected override VoiceFrameKind TalkKind => VoiceFrameKind.Opus;

    protected override int TalkerSilenceMs => Loop.Node.Options.TalkerSilenceMs;

    protected override Instant MediaDeadline => Instant.Never;

    protected override string StateName => _sent > 0 ? "connected" : "waiting";

    protected override long PacketsReceived => 0;

    protected override long PacketsSent => _sent;

    protected override IEnumerable<string> ListensTo => [];

    public override bool Listen(int slot, VoiceChannel channel, Instant now) => false;

    public override bool StopListening(int slot) => false;

    public bool CanShow(VideoCodec codec) => true;

    public override bool View(string cameraId, Instant now)
    {
        Loop.Node.Feeds.View(this, cameraId, now);
        return true;
    }

    public int SendVideo(ReadOnlySpan<byte> payload, bool marker, uint timestamp90k, Instant now)
    {
        connection.HandlePicture(Feed!.Codec, now);
        if (!connection.TakesPackets) return -1;
        int length = RtpHeader.Bytes + payload.Length;
        _packet[0] = (byte)'$';
        _packet[1] = connection.RtpChannel;
        BinaryPrimitives.WriteUInt16BigEndian(_packet.AsSpan(2), (ushort)length);
        new RtpHeader(PayloadType, marker, _sequence, timestamp90k, _ssrc).Write(_packet.AsSpan(FrameBytes));
        payload.CopyTo(_packet.AsSpan(FrameBytes + RtpHeader.Bytes));
        if (!connection.Write(_packet.AsSpan(0, FrameBytes + length), now)) return -1;
        LastVideoTimestamp = timestamp90k;
        _sent++;
        return _sequence++;
    }

    // TCP loses nothing.
    public bool ResendVideo(ushort sequenceNumber, ReadOnlySpan<byte> payload, bool marker, uint timestamp90k, Instant now) => true;

    protected override void HandleMediaTimeout(Instant now)
    {
    }

    protected override void Release(Instant now)
    {
        Feed?.OnViewerGone(this, now);
        NextFeed?.OnViewerGone(this, now);
        Feed = NextFeed = null;
        connection.Close(now);
    }
}
