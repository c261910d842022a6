using Comms.Media.Audio;
using Comms.Media.Fanout;
using Comms.Media.Io;
using Comms.Media.Numbers;
using Comms.Media.Session;
using Comms.Media.Wire.Ed137;
using Comms.Media.Wire.TelephoneEvent;

namespace Comms.Media.Node;

/// <summary>A plain-RTP leg on its loop: two sockets of its own, one channel heard, speech and keys to the outside.</summary>
internal sealed class RtpLegLoopSession : LoopSession, IDatagramReceiver, ISpeechListener
{
    private readonly RtpLeg _leg;
    private readonly RtpPortPair _ports;
    private UdpSocket? _rtp;
    private UdpSocket? _rtcp;
    private VoiceChannel? _listens;
    private ushort _sequence;

    public RtpLegLoopSession(SessionEntry entry, MediaLoop loop, RtpLeg leg, RtpPortPair ports)
        : base(entry, loop)
    {
        _leg = leg;
        _ports = ports;
    }

    public G711Law Law => _leg.Law;

    protected override string Kind => "rtp";

    protected override VoiceFrameKind TalkKind => Law == G711Law.ALaw ? VoiceFrameKind.TalkALaw : VoiceFrameKind.TalkMuLaw;

    protected override int TalkerSilenceMs => Loop.Node.Options.LegTalkerSilenceMs;

    protected override Instant MediaDeadline => _leg.NextDeadline;

    protected override string StateName => _leg.PacketsReceived > 0 ? "connected" : "waiting";

    protected override long PacketsReceived => _leg.PacketsReceived;

    protected override long PacketsSent => _leg.PacketsSent;

    protected override IEnumerable<string> ListensTo => _listens is { } channel ? [channel.Hub.Id] : [];

    /// <summary>Takes over bound sockets and begins.</summary>
    public void Start(UdpSocket rtp, UdpSocket rtcp, Instant now)
    {
        _rtp = rtp;
        _rtcp = rtcp;
        rtp.Attach();
        rtcp.Attach();
        Loop.Node.OnSessionConnected(Entry);
        Rearm(now);
    }

    public bool Update(RtpLegParameters parameters, Instant now)
    {
        _leg.Update(parameters, now);
        if (Talker is { } talker) talker.Kind = TalkKind;
        Drain();
        Rearm(now);
        return true;
    }

    public void OnDatagram(UdpSocket socket, Span<byte> datagram, in TransportAddress from, Instant now)
    {
        if (_listens is { Hub: { } hub } && _leg.EchoGuardMs > 0) _leg.Guard(hub.EchoUntil);
        if (_leg.HandleDatagram(datagram, from, now, out var frame)) Say(frame, now);
        Settle(now);
    }

    public void SendSpeech(ReadOnlySpan<byte> codes, uint timestamp, bool marker, Instant now)
    {
        if (_leg.Send(codes, timestamp, marker, now)) Settle(now);
        else Rearm(now);
    }

    public void BeginTalk(bool isUrgent, Instant now)
    {
        _leg.BeginTalk(isUrgent ? PttType.Emergency : PttType.Normal, now);
        Settle(now);
    }

    public void EndTalk(Instant now)
    {
        _leg.EndTalk(now);
        Settle(now);
    }

    public override bool Listen(int slot, VoiceChannel channel, Instant now)
    {
        if (slot != 0) return false;
        if (ReferenceEquals(_listens, channel)) return true;
        _listens?.RemoveLeg(this);
        _listens = channel;
        channel.AddLeg(this);
        return true;
    }

    public override bool StopListening(int slot)
    {
        if (slot != 0 || _listens is null) return false;
        _listens.RemoveLeg(this);
        _listens = null;
        return true;
    }

    protected override void HandleMediaTimeout(Instant now)
    {
        _leg.HandleTimeout(now);
        Settle(now);
        if (_leg.IsRadioDead) End(SessionEndReason.RadioSilent, now);
        else if (_leg.IsInactive) End(SessionEndReason.Timeout, now);
    }

    protected override void Release(Instant now)
    {
        StopListening(0);
        _rtp?.Dispose();
        _rtcp?.Dispose();
        _ports.Free();
        Loop.Node.AddLegDrops(_leg.Drops);
    }

    private void Say(in RtpLegFrame frame, Instant now)
    {
        var header = new FrameHeader { Sequence = _sequence++, Timestamp = frame.Timestamp, Marker = frame.Marker, Captured = frame.Captured };
        if (Talker is { } talker) talker.Say(header, frame.Payload, now);
        else Loop.Drops.Count(DropReason.GateClosed);
    }

    /// <summary>After any input: everything that the leg has to tell and to send.</summary>
    private void Settle(Instant now)
    {
        TellTalk(now);
        while (_leg.TryTakeSpeech(out var frame)) Say(frame, now);
        TellKeys();
        if (_leg.IsTransmitting && _listens is { } channel && _leg.EchoGuardMs > 0) channel.Hub.NoteTransmission(now.AddMs(_leg.EchoGuardMs));
        if (_leg.TryPollGateway(out var state)) Loop.Node.Publish(new GatewayChanged(Session, state));
        Drain();
        Rearm(now);
    }

    /// <summary>A gateway began or stopped to talk. Its speech is kept at once, since the press that follows takes a while.</summary>
    private void TellTalk(Instant now)
    {
        if (!_leg.TryPollTalk(out bool isDown)) return;
        if (isDown && _listens is { } channel) BeginRequest(channel.Hub.Id, now);
        Loop.Node.Publish(new LegTalkChanged(Session, isDown));
    }

    private void TellKeys()
    {
        while (_leg.TryPollKey(out TelephoneKey key))
        {
            if (key.IsDown) Loop.Node.Publish(new DigitPressed(Session, key.Code));
        }
    }

    private void Drain()
    {
        if (_rtp is null || _rtcp is null) return;
        while (true)
        {
            var room = _rtp.Reserve(RtpLeg.MaxDatagramBytes);
            if (!_leg.TryPollTransmit(room, out var transmit)) return;
            if (transmit.FromRtcpSocket)
            {
                room[..transmit.Bytes].CopyTo(_rtcp.Reserve(transmit.Bytes));
                _rtcp.Commit(transmit.Bytes, transmit.Destination);
            }
            else
            {
                _rtp.Commit(transmit.Bytes, transmit.Destination);
            }
        }
    }
}
