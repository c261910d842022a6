using System.Buffers.Binary;
using Comms.Media.Crypto;
using Comms.Media.Crypto.Dtls;
using Comms.Media.Crypto.Gcm;
using Comms.Media.Ice;
using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Media.Wire.Rtcp;
using Comms.Media.Wire.Rtp;
using Comms.Media.Wire.Stun;

namespace Comms.Media.Session;

/// <summary>
/// One browser: ICE-lite, DTLS-SRTP, audio slots, one video section and RTCP on one 5-tuple. Sans-IO: datagrams and time in,
/// datagrams out through <see cref="IDatagramOutput"/>, next deadline. Owned by one media loop; allocates nothing per packet.
/// </summary>
public sealed unsafe class WebRtcSession : IDisposable
{
    private const int VoiceTicksPerSecond = 48_000;
    private const int VideoTicksPerSecond = 90_000;
    private const int G711TicksPerSecond = 8_000;

    /// <summary>The longest payload that is fanned out, and the original sequence number before it.</summary>
    private const int MaxRetransmissionBytes = 1_280 + 2;

    private readonly WebRtcSessionParameters _parameters;
    private readonly WebRtcSessionSettings _settings;
    private readonly Func<Instant, IDtlsEndpoint> _createDtls;
    private readonly DropCounters _drops;
    private readonly SendTable _table;
    private IceLiteAgent _ice;
    private IceLiteAgent? _restarted;
    private readonly int _streamCount;
    private SendBlock* _block;
    private SendStream* _streams;
    private readonly byte[] _retransmissionScratch;
    private SessionReports _reports;
    private IDtlsEndpoint? _dtls;
    private SrtpSender? _sender;
    private SrtpReceiver? _receiver;
    private IDatagramOutput? _output;
    private Instant _handshakeEnd = Instant.Never;
    private ushort _videoSequence;
    private ushort _retransmissionSequence;
    private ushort _audioSequence;

    /// <param name="createDtls">Makes the passive DTLS endpoint when the first valid check has come.</param>
    public WebRtcSession(
        WebRtcSessionParameters parameters,
        IceCredentials local,
        Func<Instant, IDtlsEndpoint> createDtls,
        WebRtcSessionSettings settings,
        DropCounters drops,
        SendTable table,
        Instant now)
    {
        _parameters = parameters;
        _settings = settings;
        _createDtls = createDtls;
        _drops = drops;
        _table = table;
        _ice = new IceLiteAgent(local, new IceCredentials(parameters.RemoteUfrag, parameters.RemotePassword), now);
        _streamCount = parameters.AudioSlots.Count + (parameters.Video is { } video ? (video.RtxSsrc != 0 ? 2 : 1) : 0)
            + (parameters.CameraAudio is null ? 0 : 1) + (parameters.Published is null ? 0 : 1);
        _block = table.Take(_streamCount);
        _streams = SendTable.StreamsOf(_block);
        MakeStreams(parameters);
        _reports = new SessionReports(parameters.Video is null ? settings.AudioReportMs : settings.ReportMs, now);
        _retransmissionScratch = parameters.Video is { RtxSsrc: not 0 } ? new byte[MaxRetransmissionBytes] : [];
        _videoSequence = (ushort)System.Security.Cryptography.RandomNumberGenerator.GetInt32(1, 0x8000);
        _audioSequence = (ushort)System.Security.Cryptography.RandomNumberGenerator.GetInt32(1, 0x8000);
        _retransmissionSequence = (ushort)System.Security.Cryptography.RandomNumberGenerator.GetInt32(1, 0x8000);
    }

    public WebRtcSessionParameters Parameters => _parameters;

    public WebRtcSessionState State { get; private set; }

    /// <summary>Why the state is <see cref="WebRtcSessionState.Ended"/>.</summary>
    public SessionEndReason EndReason { get; private set; }

    public long PacketsReceived { get; private set; }

    public long PacketsSent
    {
        get
        {
            long sum = 0;
            foreach (ref readonly var stream in Streams) sum += stream.Packets;
            return sum;
        }
    }

    /// <summary>The socket towards the peer takes nothing more for the moment.</summary>
    public bool IsOutputBlocked => _output is { IsBlocked: true };

    /// <summary>Call <see cref="HandleTimeout"/> then. May lie early: checks that come meanwhile move it.</summary>
    public Instant NextDeadline
    {
        get
        {
            var next = Instant.Min(Expiry, _handshakeEnd);
            if (_dtls is not null) next = Instant.Min(next, _dtls.NextDeadline);
            return State == WebRtcSessionState.Connected ? Instant.Min(next, _reports.NextDue) : next;
        }
    }

    /// <summary>After a restart the peer may check with the old credentials, the new ones, or not yet.</summary>
    private Instant Expiry =>
        (_restarted is { } next && next.LastValidCheck > _ice.LastValidCheck ? next : _ice).LastValidCheck.AddMs(_settings.TimeoutMs);

    /// <summary>The RTP timestamp of the last packet of video; null before the first.</summary>
    public uint? LastVideoTimestamp => _parameters.Video is null || Streams[VideoStream].Packets == 0 ? null : Streams[VideoStream].LastTimestamp;

    private Span<SendStream> Streams => new(_streams, _block == null ? 0 : _streamCount);

    private int VideoStream => _parameters.AudioSlots.Count;

    private int RetransmissionStream => _parameters.AudioSlots.Count + 1;

    /// <summary>True for a path that an authenticated check has come by: the only source of DTLS, RTP and RTCP.</summary>
    public bool IsValidPath(in NetworkPath path) => _ice.HasPath && (_ice.SelectedPath == path || _ice.IsValidPath(path));

    /// <summary>Answers a check through <paramref name="output"/>, the socket that it came by.</summary>
    public IceCheckOutcome HandleStun(in StunMessage message, in NetworkPath path, IDatagramOutput output, Instant now)
    {
        var room = output.Reserve(StunMessage.MaxBytes);
        if (room.IsEmpty)
        {
            _drops.Count(DropReason.SendQueueFull);
            return IceCheckOutcome.Ignored;
        }

        var agent = _restarted is { } next && next.IsAddressed(message) ? next : _ice;
        var result = agent.HandleRequest(message, path, now, room);
        if (agent == _restarted && result.Outcome is IceCheckOutcome.Accepted or IceCheckOutcome.PathSelected)
        {
            _ice = agent;
            _restarted = null;
        }

        if (result.ReplyBytes > 0) output.Commit(result.ReplyBytes, path.Remote);
        if (result.Outcome == IceCheckOutcome.PathSelected)
        {
            _output = output;
            _block->Output = _table.NumberOf(output);
            _block->Remote = path.Remote;
        }

        if (State == WebRtcSessionState.Checking && _ice.HasPath)
        {
            State = WebRtcSessionState.Handshaking;
            _handshakeEnd = now.AddMs(_settings.HandshakeMs);
        }

        return result.Outcome;
    }

    /// <summary>
    /// ICE restart, RFC 8445 §9: checks are answered with the new credentials too, and the first valid one ends the old. Media goes on
    /// where it went until then; keys stay.
    /// </summary>
    public void RestartIce(IceCredentials local, IceCredentials remote, Instant now) => _restarted = new IceLiteAgent(local, remote, now);

    public void HandleDtls(ReadOnlySpan<byte> datagram, in NetworkPath path, Instant now)
    {
        if (!IsValidPath(path))
        {
            _drops.Count(DropReason.ForeignSource);
            return;
        }

        _dtls ??= _createDtls(now);
        _dtls.HandleDatagram(datagram, now);
        AdvanceDtls();
    }

    /// <summary>
    /// Unprotects in place. True: <paramref name="packet"/> is Opus that the peer said on its talk slot, or video that it publishes.
    /// False: dropped and counted.
    /// </summary>
    public bool HandleRtp(Span<byte> datagram, in NetworkPath path, Instant now, out RtpPacketView packet)
    {
        packet = default;
        var drop = Unprotect(datagram, path, now, ref packet);
        _drops.Count(drop);
        return drop == DropReason.None;
    }

    public void HandleRtcp(Span<byte> datagram, in NetworkPath path, IFeedbackSink sink, Instant now)
    {
        if (_receiver is null || !IsValidPath(path))
        {
            _drops.Count(_receiver is null ? DropReason.NoKeys : DropReason.ForeignSource);
            return;
        }

        var error = _receiver.UnprotectRtcp(datagram, out int length);
        _drops.Count(ToDrop(error));
        if (error != SrtpError.None) return;
        var reader = new CompoundReader(datagram[..length]);
        while (reader.TryRead(out var part)) HandleReport(part, sink, now);
        if (reader.IsMalformed) _drops.Count(DropReason.Malformed);
    }

    /// <summary>
    /// Sends Opus in a slot; sequence and timestamp are the source's, the slot's rewriter makes them its own. False with
    /// <see cref="IsOutputBlocked"/>: the same packet may be given again later.
    /// </summary>
    public bool SendVoice(int slot, in VoicePacket packet, Instant now)
    {
        if (State == WebRtcSessionState.Ended) return false;
        ref var stream = ref Streams[slot];
        (ushort sequence, uint timestamp, bool marker) = (packet.Sequence, packet.Timestamp, packet.Marker);
        if (!stream.Rewriter.Rewrite(ref sequence, ref timestamp, ref marker, packet.Ticks, now))
        {
            _drops.Count(DropReason.Late);
            return false;
        }

        return SendVoice(ref stream, new RtpHeader(stream.PayloadType, marker, sequence, timestamp, stream.Ssrc), packet, now);
    }

    /// <summary>The short way of <see cref="SendVoice"/> for fan-outs; valid until the session is disposed.</summary>
    public VoiceTarget Target(int slot) => new(_table, _block, _streams + slot);

    /// <summary>Where in its source a packet of a slot came from; see <see cref="SequenceRewriter.TryFindSource"/>.</summary>
    public bool TryFindVoice(int slot, ushort sequence, out ushort sourceSequence) =>
        Streams[slot].Rewriter.TryFindSource(sequence, out sourceSequence, out _, out _);

    /// <summary>Sends a packet of a slot again as it was, under the session's own <paramref name="sequence"/>.</summary>
    public bool ResendVoice(int slot, ushort sequence, in VoicePacket packet, Instant now)
    {
        ref var stream = ref Streams[slot];
        if (!stream.Rewriter.TryFindSource(sequence, out _, out uint offset, out bool isFirst)) return false;
        var header = new RtpHeader(stream.PayloadType, packet.Marker || isFirst, sequence, packet.Timestamp + offset, stream.Ssrc);
        return SendVoice(ref stream, header, packet, now);
    }

    public void RebaseSlot(int slot) => Streams[slot].Rewriter.Rebase();

    /// <summary>Sends one packet of video; returns its sequence number, −1 when it could not be sent.</summary>
    public int SendVideo(VideoCodec codec, ReadOnlySpan<byte> payload, bool marker, uint timestamp, Instant now)
    {
        if (_parameters.Video is not { } video) return -1;
        ref var stream = ref Streams[VideoStream];
        ushort sequence = _videoSequence;
        if (!Send(ref stream, new RtpHeader(video.PayloadTypeOf(codec), marker, sequence, timestamp, stream.Ssrc), payload, now)) return -1;
        _videoSequence++;
        return sequence;
    }

    /// <summary>Sends one packet of a camera's sound under its own timestamp; nothing where that codec was not agreed.</summary>
    public void SendCameraAudio(AudioCodec codec, ReadOnlySpan<byte> payload, bool marker, uint timestamp, Instant now)
    {
        if (State != WebRtcSessionState.Connected || _parameters.CameraAudio?.PayloadTypeOf(codec) is not { } payloadType) return;
        ref var stream = ref Streams[_streamCount - 1];
        int ticksPerSecond = codec == AudioCodec.Opus ? VoiceTicksPerSecond : G711TicksPerSecond;
        if (stream.TicksPerSecond != ticksPerSecond)
            stream = new SendStream(stream.Ssrc, payloadType, ticksPerSecond) { HighestIndex = stream.HighestIndex };
        if (Send(ref stream, new RtpHeader(payloadType, marker, _audioSequence, timestamp, stream.Ssrc), payload, now)) _audioSequence++;
    }

    /// <summary>Sends a lost packet again, by RFC 4588 when that was negotiated, else as it was.</summary>
    public bool ResendVideo(VideoCodec codec, ushort sequence, ReadOnlySpan<byte> payload, bool marker, uint timestamp, Instant now)
    {
        if (_parameters.Video is not { } video) return false;
        if (video.RtxSsrc == 0 || video.RtxPayloadTypeOf(codec) == 0)
            return Send(ref Streams[VideoStream], new RtpHeader(video.PayloadTypeOf(codec), marker, sequence, timestamp, video.LocalSsrc), payload, now);

        // The payload of a retransmission begins with the original sequence number. RFC 4588 §4.
        if (payload.Length + 2 > _retransmissionScratch.Length) return false;
        BinaryPrimitives.WriteUInt16BigEndian(_retransmissionScratch, sequence);
        payload.CopyTo(_retransmissionScratch.AsSpan(2));
        var header = new RtpHeader(video.RtxPayloadTypeOf(codec), marker, _retransmissionSequence, timestamp, video.RtxSsrc);
        if (!Send(ref Streams[RetransmissionStream], header, _retransmissionScratch.AsSpan(0, payload.Length + 2), now)) return false;
        _retransmissionSequence++;
        return true;
    }

    /// <summary>Asks a publisher for a key frame. RFC 4585 §6.3.1.</summary>
    public void RequestKeyFrame(uint remoteSsrc)
    {
        if (State != WebRtcSessionState.Connected || _parameters.Published is not { } published) return;
        var room = _output!.Reserve(SessionReports.MaxBytes + SrtpProfileSizes.MaxOverheadBytes);
        if (room.IsEmpty) return;
        var writer = new CompoundWriter(room[..SessionReports.MaxBytes]);
        writer.AddReceiverReport(published.LocalSsrc, []);
        writer.AddPictureLoss(published.LocalSsrc, remoteSsrc);
        if (_sender!.TryProtectRtcp(room, writer.Length, out int length)) _output.Commit(length, _block->Remote);
    }

    public void HandleTimeout(Instant now)
    {
        if (State == WebRtcSessionState.Ended) return;
        if (now >= Expiry) End(SessionEndReason.Timeout);
        else if (now >= _handshakeEnd) End(SessionEndReason.DtlsFailed);
        if (State == WebRtcSessionState.Ended) return;
        if (_dtls is not null && now >= _dtls.NextDeadline)
        {
            _dtls.HandleTimeout(now);
            AdvanceDtls();
        }

        if (State == WebRtcSessionState.Connected && now >= _reports.NextDue) SendReports(now);
    }

    /// <summary>Ends the session from this side; nothing is sent any more.</summary>
    public void End(SessionEndReason reason)
    {
        if (State == WebRtcSessionState.Ended) return;
        State = WebRtcSessionState.Ended;
        EndReason = reason;
        if (_block != null) _block->IsReady = false;
    }

    public void Dispose()
    {
        if (_block == null) return;
        End(SessionEndReason.Closed);
        _dtls?.Dispose();
        _sender?.Dispose();
        _receiver?.Dispose();
        _table.Return(_block, _streamCount);
        _block = null;
        _streams = null;
    }

    private void MakeStreams(WebRtcSessionParameters parameters)
    {
        int at = 0;
        foreach (var slot in parameters.AudioSlots)
            _streams[at++] = new SendStream(slot.LocalSsrc, slot.PayloadType, VoiceTicksPerSecond, slot.RedPayloadType);
        if (parameters.Video is not { } video) return;
        _streams[at++] = new SendStream(video.LocalSsrc, video.PayloadType, VideoTicksPerSecond);
        if (video.RtxSsrc != 0) _streams[at++] = new SendStream(video.RtxSsrc, video.RtxPayloadType, VideoTicksPerSecond);
        if (parameters.Published is { } published) _streams[at++] = new SendStream(published.LocalSsrc, published.PayloadType, VideoTicksPerSecond);
        if (parameters.CameraAudio is { } sound) _streams[at] = new SendStream(sound.LocalSsrc, sound.PcmaPayloadType, G711TicksPerSecond);
    }

    private DropReason Unprotect(Span<byte> datagram, in NetworkPath path, Instant now, ref RtpPacketView packet)
    {
        if (_receiver is null) return DropReason.NoKeys;
        if (!IsValidPath(path)) return DropReason.ForeignSource;
        byte? wanted = _parameters.Published?.PayloadType ?? (_parameters.AudioSlots is [{ MayTalk: true } talk, ..] ? talk.PayloadType : null);
        if (wanted is null) return DropReason.Direction;
        if ((datagram[1] & 0x7F) != wanted) return DropReason.UnknownPayloadType;
        var error = _receiver.Unprotect(datagram, out int length);
        if (error != SrtpError.None) return ToDrop(error);
        if (!RtpPacketView.TryParse(datagram[..length], out packet)) return DropReason.Malformed;
        PacketsReceived++;
        _reports.OnReceived(packet.Ssrc, packet.SequenceNumber, packet.Timestamp, now);
        return DropReason.None;
    }

    // Whether a packet carries the one before depends on its number alone, because it may be sent again and must be the same bytes.
    private bool SendVoice(ref SendStream stream, in RtpHeader header, in VoicePacket packet, Instant now)
    {
        bool isRedundant = packet.PreviousTicks > 0 && stream.Redundancy.IsOnAt(header.SequenceNumber) && !stream.Rewriter.IsFirst(header.SequenceNumber);
        if (!isRedundant) return Send(ref stream, header, packet.Payload, now);
        if (packet.Previous.IsEmpty) return false;
        Span<byte> red = stackalloc byte[RedPayload.HeaderBytes + packet.Previous.Length + packet.Payload.Length];
        RedPayload.Write(red, header.PayloadType, packet.Previous, packet.PreviousTicks, packet.Payload);
        if (!Send(ref stream, header with { PayloadType = stream.RedPayloadType }, red, now)) return false;
        _table.Counters.CountRedundant();
        return true;
    }

    private bool Send(ref SendStream stream, in RtpHeader header, ReadOnlySpan<byte> payload, Instant now)
    {
        if (_sender is null || State != WebRtcSessionState.Connected)
        {
            _drops.Count(DropReason.NoKeys);
            return false;
        }

        fixed (SendStream* fast = &stream)
            if (_block->IsReady) return _table.Send(_block, fast, header, payload, now) == SendOutcome.Sent;

        int length = RtpHeader.Bytes + payload.Length;
        var room = _output!.Reserve(length + SrtpProfileSizes.MaxOverheadBytes);
        if (room.IsEmpty) return false;
        header.Write(room);
        payload.CopyTo(room[RtpHeader.Bytes..]);
        if (!_sender.TryProtect(room, length, out int protectedLength)) return false;
        _output.Commit(protectedLength, _block->Remote);
        stream.OnSent(payload.Length, header.Timestamp, now);
        _table.Counters.CountSrtpSent();
        return true;
    }

    private void AdvanceDtls()
    {
        for (int length = 1; length > 0;)
        {
            var room = _output!.Reserve(DtlsLimits.MtuBytes);
            if (room.IsEmpty) _drops.Count(DropReason.SendQueueFull);
            if (room.IsEmpty || !_dtls!.TryPollTransmit(room, out length)) break;
            _output.Commit(length, _block->Remote);
        }

        if (_dtls!.State == DtlsState.Failed && State != WebRtcSessionState.Ended)
        {
            End(_dtls.Failure switch
            {
                DtlsFailure.WrongFingerprint => SessionEndReason.WrongFingerprint,
                DtlsFailure.ClosedByPeer => SessionEndReason.PeerClosed,
                _ => SessionEndReason.DtlsFailed,
            });
        }

        if (_dtls.State != DtlsState.Connected || State != WebRtcSessionState.Handshaking) return;
        UseKeys(_dtls.Keys!);
        _handshakeEnd = Instant.Never;
        State = WebRtcSessionState.Connected;
    }

    private void UseKeys(DtlsSrtpKeys keys)
    {
        bool isFast = keys.Profile == SrtpProfile.AeadAes128Gcm && AesGcmKey.IsSupported;
        if (isFast) SendBlock.UseKeys(_block, keys.Local);
        _sender = new SrtpSender(keys.Local, sendsRtp: !isFast);
        _receiver = new SrtpReceiver(keys.Remote);
        keys.Erase();
    }

    private void HandleReport(in RtcpPacketView part, IFeedbackSink sink, Instant now)
    {
        if (SenderReport.TryParse(part, out var report)) _reports.OnSenderReport(report, now);
        if (ReceiverReport.TryParse(part, out var blocks)) HandleLoss(blocks, now);
        if (KeyFrameRequest.TryParse(part, out uint wanted) && IsVideo(wanted)) sink.OnKeyFrameWanted(now);
        if (!Nack.TryParse(part, out var nack)) return;
        bool video = IsVideo(nack.MediaSsrc);
        int slot = video ? -1 : SlotOf(nack.MediaSsrc);
        if (!video && slot < 0) return;
        while (nack.TryRead(out ushort missed))
        {
            if (video) sink.OnVideoMissed(missed, now);
            else sink.OnVoiceMissed(slot, missed, now);
        }
    }

    private void HandleLoss(in ReceiverReport blocks, Instant now)
    {
        for (int i = 0; i < blocks.Count; i++)
        {
            var block = blocks[i];
            int slot = SlotOf(block.Ssrc);
            if (slot < 0 || Streams[slot].RedPayloadType == 0) continue;
            ref var stream = ref Streams[slot];
            stream.Redundancy.OnReport(block.FractionLost, block.HighestSequence, stream.Rewriter.NextSequence, now);
        }
    }

    private bool IsVideo(uint ssrc) => _parameters.Video is { } video && video.LocalSsrc == ssrc;

    private int SlotOf(uint ssrc)
    {
        for (int i = 0; i < _parameters.AudioSlots.Count; i++)
        {
            if (Streams[i].Ssrc == ssrc) return i;
        }

        return -1;
    }

    private void SendReports(Instant now)
    {
        var room = _output!.Reserve(SessionReports.MaxBytes + SrtpProfileSizes.MaxOverheadBytes);
        if (room.IsEmpty)
        {
            _drops.Count(DropReason.SendQueueFull);
            return;
        }

        int length = _reports.Write(room[..SessionReports.MaxBytes], Streams, now);
        if (length > 0 && _sender!.TryProtectRtcp(room, length, out int protectedLength)) _output.Commit(protectedLength, _block->Remote);
    }

    private static DropReason ToDrop(SrtpError error) => error switch
    {
        SrtpError.None => DropReason.None,
        SrtpError.Replayed => DropReason.Duplicate,
        SrtpError.AuthenticationFailed => DropReason.Unauthentic,
        SrtpError.TooManySources => DropReason.TooManySources,
        _ => DropReason.Malformed,
    };
}
