using Comms.Media.Fanout;
using Comms.Media.Ice;
using Comms.Media.Numbers;
using Comms.Media.Relay;
using Comms.Media.Session;
using Comms.Media.Wire;
using Comms.Media.Wire.Rtp;
using Comms.Media.Wire.Stun;

namespace Comms.Media.Node;

/// <summary>A browser session on its loop: joins the sans-IO session to sockets, channels and feeds.</summary>
internal sealed class WebRtcLoopSession : LoopSession, IPathOwner, IVoiceListener, IVideoViewer, IFeedbackSink, IHandshaker
{
    /// <summary>A browser makes no key frame unless asked; this becomes the group of pictures that every new viewer begins with.</summary>
    private const int KeyFrameEveryMs = 2_000;

    private readonly WebRtcSession _media;
    private readonly VoiceChannel?[] _listens;
    private readonly List<LearnedPath> _paths = [];
    private ResendBudget _resends;
    private PublishedRun? _published;
    private Instant _keyFrameAskedAt;
    private bool _isConnectedTold;

    public WebRtcLoopSession(SessionEntry entry, MediaLoop loop, WebRtcSession media)
        : base(entry, loop)
    {
        _media = media;
        _listens = new VoiceChannel?[media.Parameters.AudioSlots.Count];
    }

    public bool IsOutputBlocked => _media.IsOutputBlocked;

    public IVideoFeed? Feed { get; set; }

    public IVideoFeed? NextFeed { get; set; }

    public uint? LastVideoTimestamp => _media.LastVideoTimestamp;

    public HandshakeStage HandshakeStage { get; private set; }

    public int WaitingDatagrams { get; set; }

    int IVideoViewer.Loop => Loop.Events.Index;

    protected override string Kind => "webrtc";

    protected override VoiceFrameKind TalkKind => VoiceFrameKind.Opus;

    protected override int TalkerSilenceMs => Loop.Node.Options.TalkerSilenceMs;

    protected override Instant MediaDeadline => _media.NextDeadline;

    protected override string StateName => _media.State switch
    {
        WebRtcSessionState.Checking => "checking",
        WebRtcSessionState.Handshaking => "handshaking",
        WebRtcSessionState.Connected => "connected",
        _ => "ended",
    };

    protected override long PacketsReceived => _media.PacketsReceived;

    protected override long PacketsSent => _media.PacketsSent;

    protected override IEnumerable<string> ListensTo => _listens.OfType<VoiceChannel>().Select(channel => channel.Hub.Id);

    /// <summary>Answers a check that came by <paramref name="port"/>; <paramref name="viaLoop"/> is the loop whose socket received it.</summary>
    public void HandleStun(in StunMessage message, in NetworkPath path, MediaPort port, int viaLoop, Instant now)
    {
        var outcome = _media.HandleStun(message, path, port.Socket, now);
        if (outcome is Ice.IceCheckOutcome.Accepted or Ice.IceCheckOutcome.PathSelected) Learn(path, port, viaLoop);
        Rearm(now);
    }

    public void HandleDatagram(DatagramKind kind, Span<byte> datagram, in NetworkPath path, Instant now)
    {
        switch (kind)
        {
            case DatagramKind.Rtp:
                HandleRtp(datagram, path, now);
                return;
            case DatagramKind.Rtcp:
                _media.HandleRtcp(datagram, path, this, now);
                return;
            case DatagramKind.Dtls:
                if (_media.State == WebRtcSessionState.Handshaking && _media.IsValidPath(path)) Loop.Handshakes.Add(this, datagram, path);
                else AfterHandshake(datagram, path, now);
                return;
        }
    }

    public void Handshake(Span<byte> datagram, in NetworkPath path, Instant now)
    {
        if (IsEnded) return;
        if (HandshakeStage == HandshakeStage.Fresh) HandshakeStage = HandshakeStage.Begun;
        _media.HandleDtls(datagram, path, now);
        AfterHandshakeStep(now);
    }

    public override bool RestartIce(IceCredentials local, IceCredentials remote, Instant now)
    {
        _media.RestartIce(local, remote, now);
        Rearm(now);
        return true;
    }

    public override bool Listen(int slot, VoiceChannel channel, Instant now)
    {
        if ((uint)slot >= (uint)_listens.Length) return false;
        if (ReferenceEquals(_listens[slot], channel)) return true;
        _listens[slot]?.RemoveListener(this, slot);
        _listens[slot] = channel;
        channel.AddListener(this, slot);
        return true;
    }

    public override bool StopListening(int slot)
    {
        if ((uint)slot >= (uint)_listens.Length || _listens[slot] is not { } channel) return false;
        channel.RemoveListener(this, slot);
        _listens[slot] = null;
        return true;
    }

    public override bool View(string cameraId, Instant now)
    {
        if (_media.Parameters.Video is null) return false;
        Loop.Node.Feeds.View(this, cameraId, now);
        return true;
    }

    public override bool Publish(string cameraId, Instant now)
    {
        if (_media.Parameters.Published is not { } slot) return false;
        var home = Loop.Node.Feeds.HomeOf(cameraId);
        var (loop, entry) = (Loop, Entry);
        var run = new PublishedRun(home, cameraId, _ => loop.Events.Post(at => entry.Session?.End(SessionEndReason.Closed, at)));
        _published = run;
        home.Loop.Post(at => run.Begin(slot.PayloadType, at));
        return true;
    }

    public bool SendVoice(int slot, in VoicePacket packet, Instant now) => _media.SendVoice(slot, packet, now);

    public VoiceTarget Target(int slot) => _media.Target(slot);

    public void RebaseSlot(int slot) => _media.RebaseSlot(slot);

    public int SendVideo(ReadOnlySpan<byte> payload, bool marker, uint timestamp90k, Instant now) =>
        _media.SendVideo(Feed!.Codec, payload, marker, timestamp90k, now);

    public bool CanShow(VideoCodec codec) => codec == VideoCodec.H264 || _media.Parameters.Video is { H265PayloadType: not 0 };

    public void SendAudio(AudioCodec codec, ReadOnlySpan<byte> payload, bool marker, uint timestamp, Instant now) =>
        _media.SendCameraAudio(codec, payload, marker, timestamp, now);

    public bool ResendVideo(ushort sequenceNumber, ReadOnlySpan<byte> payload, bool marker, uint timestamp90k, Instant now) =>
        _media.ResendVideo(Feed!.Codec, sequenceNumber, payload, marker, timestamp90k, now);

    public void OnKeyFrameWanted(Instant now) => Feed?.OnKeyFrameWanted(this, now);

    public void OnVideoMissed(ushort sequenceNumber, Instant now) => Feed?.OnPacketMissed(this, sequenceNumber, now);

    public void OnVoiceMissed(int slot, ushort sequenceNumber, Instant now)
    {
        if (!_resends.TryTake(now))
        {
            Loop.Drops.Count(DropReason.ResendLimit);
            return;
        }

        if (_listens[slot] is not { } channel || !_media.TryFindVoice(slot, sequenceNumber, out ushort source)
            || !channel.TryFindSent(source, out var packet))
        {
            Loop.Drops.Count(DropReason.NotInHistory);
            return;
        }

        _media.ResendVoice(slot, sequenceNumber, packet, now);
    }

    protected override void HandleMediaTimeout(Instant now)
    {
        _media.HandleTimeout(now);
        AfterHandshakeStep(now);
    }

    protected override void Release(Instant now)
    {
        LeaveHandshake();
        for (int slot = 0; slot < _listens.Length; slot++) StopListening(slot);
        Feed?.OnViewerGone(this, now);
        NextFeed?.OnViewerGone(this, now);
        Feed = NextFeed = null;
        if (_published is { } run) run.Home.Loop.Post(run.End);
        foreach (var learned in _paths) learned.Port.ForgetPath(learned.Remote, this, learned.ViaLoop);
        _paths.Clear();
        _media.Dispose();
    }

    private void HandleRtp(Span<byte> datagram, in NetworkPath path, Instant now)
    {
        if (!_media.HandleRtp(datagram, path, now, out var packet)) return;
        if (_published is { } run)
        {
            HandlePublished(run, packet, now);
            return;
        }

        if (packet.Payload.Length > Loop.Node.Options.MaxTalkPacketBytes)
        {
            Loop.Drops.Count(DropReason.TooLarge);
            return;
        }

        if (Talker is not { } talker)
        {
            Loop.Drops.Count(DropReason.GateClosed);
            return;
        }

        var header = new FrameHeader
        {
            Sequence = packet.SequenceNumber, Timestamp = packet.Timestamp, Marker = packet.Marker, Captured = now,
        };
        talker.Say(header, packet.Payload, now);
    }

    private void HandlePublished(PublishedRun run, in RtpPacketView packet, Instant now)
    {
        if (now.MsSince(_keyFrameAskedAt) >= KeyFrameEveryMs)
        {
            _keyFrameAskedAt = now;
            _media.RequestKeyFrame(packet.Ssrc);
        }

        if (run.Home.Loop == Loop.Events) run.HandlePacket(packet.Whole, now);
        else if (!Loop.Carrier.TryCarry(run.Home.Loop.Index, run, new FrameHeader { Captured = now }, packet.Whole)) Loop.Drops.Count(DropReason.RingFull);
    }

    // A repeated flight, an alert, or what comes too early: cheap, so it need not wait.
    private void AfterHandshake(ReadOnlySpan<byte> datagram, in NetworkPath path, Instant now)
    {
        _media.HandleDtls(datagram, path, now);
        AfterHandshakeStep(now);
    }

    private void LeaveHandshake()
    {
        if (HandshakeStage == HandshakeStage.Begun) Loop.Handshakes.OnOver();
        HandshakeStage = HandshakeStage.Over;
    }

    private void AfterHandshakeStep(Instant now)
    {
        if (_media.State == WebRtcSessionState.Ended)
        {
            if (!_isConnectedTold && _media.EndReason is SessionEndReason.DtlsFailed or SessionEndReason.WrongFingerprint)
                Loop.Counters.CountHandshake(isDone: false);
            End(_media.EndReason, now);
            return;
        }

        if (_media.State == WebRtcSessionState.Connected && !_isConnectedTold)
        {
            _isConnectedTold = true;
            Loop.Counters.CountHandshake(isDone: true);
            LeaveHandshake();
            Loop.Node.OnSessionConnected(Entry);
        }

        Rearm(now);
    }

    private void Learn(in NetworkPath path, MediaPort port, int viaLoop)
    {
        foreach (var known in _paths)
        {
            if (known.Port == port && known.Remote == path.Remote && known.ViaLoop == viaLoop) return;
        }

        for (int i = _paths.Count - 1; i >= 0; i--)
        {
            var old = _paths[i];
            if (_media.IsValidPath(new NetworkPath(PathTransport.Udp, old.Port.Socket.Local, old.Remote))) continue;
            old.Port.ForgetPath(old.Remote, this, old.ViaLoop);
            _paths.RemoveAt(i);
        }

        _paths.Add(new LearnedPath(port, path.Remote, viaLoop));
        port.LearnPath(path.Remote, this, viaLoop);
    }

    private readonly record struct LearnedPath(MediaPort Port, TransportAddress Remote, int ViaLoop);
}
