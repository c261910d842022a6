using Comms.Media.Audio;
using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Media.Wire.Ed137;
using Comms.Media.Wire.Rtp;
using Comms.Media.Wire.TelephoneEvent;

namespace Comms.Media.Session;

/// <summary>
/// One plain-RTP leg (RTP/AVP with PCMA or PCMU and telephone-event), for a SIP phone or radio gateway. Sans-IO: one call,
/// then drain <see cref="TryPollTransmit"/> and <see cref="TryPollKey"/>. Owned by one media loop; allocates nothing per packet.
/// </summary>
public sealed class RtpLeg
{
    /// <summary>The largest datagram a leg sends: 60 ms of G.711 behind an RTP header with a radio's extension.</summary>
    public const int MaxDatagramBytes = 500;

    private readonly RtpLegSettings _settings;
    private readonly RtpLegLatch _latch;
    private readonly RtpLegSender _sender;
    private readonly RtpLegReports _reports;
    private readonly TelephoneEventReceiver _keys = new();
    private readonly byte[] _report = new byte[RtpLegReports.MaxBytes];
    private int _reportBytes;
    private RtpLegParameters _parameters;
    private GatewaySide? _gateway;
    private Instant _lastSent;
    private Instant _lastHeard;
    private bool _hasSource;
    private uint _remoteSsrc;

    public RtpLeg(RtpLegParameters parameters, RtpLegIdentity identity, RtpLegSettings settings, Instant now)
    {
        _parameters = parameters;
        _settings = settings;
        _latch = new RtpLegLatch(parameters);
        _gateway = parameters.Gateway is { } gateway ? new GatewaySide(gateway, now) : null;
        _sender = new RtpLegSender(parameters, identity, Drops);
        _sender.Apply(parameters, _gateway?.Radio);
        _reports = new RtpLegReports(identity.Ssrc, settings, now);
        _lastHeard = now;
        // The first silence goes out at once: it opens the way through translators on our side and satisfies phones that hang up on none.
        _lastSent = now.AddMs(-settings.KeepAliveMs);
    }

    public RtpLegParameters Parameters => _parameters;

    public DropCounters Drops { get; } = new();

    public long PacketsReceived { get; private set; }

    public long PacketsSent => _sender.PacketsSent;

    /// <summary>Loss and round-trip time, as both sides report them.</summary>
    public RtpLegReports Reports => _reports;

    /// <summary>Nothing was heard from the peer for <see cref="RtpLegSettings.InactivityMs"/>; the owner ends the leg.</summary>
    public bool IsInactive { get; private set; }

    /// <summary>An ED-137 radio has sent no keep-alive for the agreed time; the owner ends the leg.</summary>
    public bool IsRadioDead => _gateway?.Radio is { IsDead: true };

    /// <summary>The law of the speech on this leg.</summary>
    public G711Law Law => _parameters.Codec == RtpLegCodec.Pcma ? G711Law.ALaw : G711Law.MuLaw;

    /// <summary>How long what a gateway sends may come back through another gateway of its channel; 0 for telephones.</summary>
    public int EchoGuardMs => _gateway?.EchoGuardMs ?? 0;

    /// <summary>A gateway's transmitter is asked for.</summary>
    public bool IsTransmitting => _gateway is { IsKeyed: true };

    /// <summary>Call <see cref="HandleTimeout"/> at this moment.</summary>
    public Instant NextDeadline =>
        Instant.Min(
            Instant.Min(Instant.Min(KeepAliveAt, InactiveAt), Instant.Min(Instant.Min(_keys.NextDeadline, _sender.FlushAt), _reports.NextAt)),
            _gateway?.NextDeadline ?? Instant.Never);

    private byte SpeechPayloadType => _parameters.Codec == RtpLegCodec.Pcma ? (byte)8 : (byte)0;

    private Instant KeepAliveAt => _gateway is not { IsSilentWhenIdle: true } && _latch.TryGetDestination(out _) ? _lastSent.AddMs(_settings.KeepAliveMs) : Instant.Never;

    private Instant InactiveAt =>
        _settings.InactivityMs > 0 && _parameters.MayReceive && !IsInactive ? _lastHeard.AddMs(_settings.InactivityMs) : Instant.Never;

    /// <summary>Applies a re-INVITE: the latch opens again; SSRC, sequence numbers and timestamps of our packets go on.</summary>
    public void Update(RtpLegParameters parameters, Instant now)
    {
        _parameters = parameters;
        _latch.Open(parameters);
        if (parameters.Gateway != _gateway?.Profile) _gateway = parameters.Gateway is { } gateway ? new GatewaySide(gateway, now) : null;
        _sender.Apply(parameters, _gateway?.Radio);
        _lastHeard = now;
        IsInactive = false;
    }

    /// <summary>
    /// Takes a datagram of the leg's RTP or RTCP port. True: it carried speech, which is in <paramref name="frame"/>. False: it was a
    /// key, a report, a keep-alive or a drop, counted in <see cref="Drops"/>, or speech that waits in <see cref="TryTakeSpeech"/>.
    /// </summary>
    public bool HandleDatagram(ReadOnlySpan<byte> datagram, in TransportAddress source, Instant now, out RtpLegFrame frame)
    {
        frame = default;
        // RTCP is told apart by its packet type, whichever port it came to. RFC 5761 §4.
        if (datagram.Length >= 8 && (datagram[1] & 0x7F) is >= 64 and <= 95) return HandleReport(datagram, source, now);
        if (!RtpPacketView.TryParse(datagram, out RtpPacketView packet)) return Drop(DropReason.Malformed);
        if (!_latch.MayTake(source)) return Drop(DropReason.ForeignSource);
        if (IsRadioKeepAlive(packet)) return HandleRadio(packet, source, now);
        bool isKey = packet.PayloadType == _parameters.TelephoneEventPayloadType && packet.PayloadType != 0;
        if (!isKey && packet.PayloadType != SpeechPayloadType) return Drop(DropReason.UnknownPayloadType);
        if (!_latch.IsLatched && !IsPlausible(packet.Payload, isKey)) return Drop(DropReason.Malformed);
        NotePacket(packet, source, now);
        if (!_parameters.MayReceive) return Drop(DropReason.Direction);
        if (isKey) _keys.Handle(packet.Payload, packet.Timestamp, now);
        if (isKey || packet.Payload.IsEmpty) return false;
        frame = new RtpLegFrame
        {
            Payload = packet.Payload, Timestamp = packet.Timestamp, Ssrc = packet.Ssrc, Marker = packet.Marker, Captured = now,
        };
        if (_gateway is null) return true;
        _gateway.HandleHeader(packet, now);
        bool isTalk = _gateway.HandleSpeech(ref frame, Law, now);
        if (!isTalk && _gateway.Receiver is null) Drops.Count(DropReason.Direction);
        Pump(now);
        return isTalk;
    }

    /// <summary>The next packet of speech of a gateway whose talk has no keys; valid until the next call.</summary>
    public bool TryTakeSpeech(out RtpLegFrame frame)
    {
        frame = default;
        return _gateway?.Receiver is { } receiver && receiver.TryTakeSpeech(out frame);
    }

    /// <summary>The next edge of a gateway's own talk: its squelch, its carrier or its voice.</summary>
    public bool TryPollTalk(out bool isDown)
    {
        isDown = false;
        return _gateway?.Receiver is { } receiver && receiver.TryPollKey(out isDown);
    }

    /// <summary>What is known of a gateway's transmitter and radio, once after each change.</summary>
    public bool TryPollGateway(out GatewayState state)
    {
        state = default;
        return _gateway is not null && _gateway.TryPollState(out state);
    }

    /// <summary>What comes in until then may be what goes out elsewhere.</summary>
    public void Guard(Instant until) => _gateway?.Guard(until);

    /// <summary>The floor is taken by somebody whom this leg will hear: a gateway's transmitter is keyed at once.</summary>
    public void BeginTalk(PttType type, Instant now)
    {
        if (_gateway is null || !_parameters.MaySend) return;
        _gateway.BeginTalk(type, now);
        Pump(now);
    }

    /// <summary>The floor is given back.</summary>
    public void EndTalk(Instant now) => _gateway?.EndTalk(now);

    /// <summary>
    /// Sends speech to the peer. <paramref name="codes"/> are of the negotiated law; <paramref name="timestamp"/> counts the source's 8 kHz
    /// ticks, contiguous inside a burst; <paramref name="marker"/> begins a burst. False: on hold, or no address yet.
    /// </summary>
    public bool Send(ReadOnlySpan<byte> codes, uint timestamp, bool marker, Instant now)
    {
        if (!_parameters.MaySend) return Drop(DropReason.Direction);
        if (!_latch.TryGetDestination(out _)) return Drop(DropReason.NoDestination);
        _lastSent = now;
        if (_gateway is null)
        {
            _sender.Add(codes, timestamp, marker, now);
            return true;
        }

        if (!_gateway.Add(codes, timestamp, marker, now)) Drops.Count(DropReason.TransmitterLimit);
        Pump(now);
        return true;
    }

    public void HandleTimeout(Instant now)
    {
        _keys.HandleTimeout(now);
        _gateway?.HandleTimeout(now);
        Pump(now);
        _sender.HandleTimeout(now);
        if (now >= InactiveAt) IsInactive = true;
        if (now >= _reports.NextAt) _reportBytes = _reports.Write(_report, _sender, now);
        if (now < KeepAliveAt) return;
        _sender.AddSilence(now);
        _lastSent = now;
    }

    /// <summary>
    /// The next datagram to put on the wire. Into less room than <see cref="MaxDatagramBytes"/> nothing is written: it waits.
    /// </summary>
    public bool TryPollTransmit(Span<byte> buffer, out RtpLegTransmit transmit)
    {
        transmit = default;
        if (!_latch.TryGetDestination(out TransportAddress destination)) return false;
        if (_sender.TryPoll(buffer, out int bytes))
        {
            transmit = new RtpLegTransmit(bytes, destination, FromRtcpSocket: false);
            return true;
        }

        if (_reportBytes == 0 || buffer.Length < _reportBytes) return false;
        _report.AsSpan(0, _reportBytes).CopyTo(buffer);
        transmit = new RtpLegTransmit(_reportBytes, _latch.ReportDestination, FromRtcpSocket: _latch.ReportDestination != destination);
        _reportBytes = 0;
        return true;
    }

    /// <summary>The next edge of a key press, in order.</summary>
    public bool TryPollKey(out TelephoneKey key) => _keys.TryPollKey(out key);

    private bool IsRadioKeepAlive(in RtpPacketView packet) =>
        _gateway?.Radio is not null && packet.PayloadType == RadioDescription.KeepAlivePayloadType;

    private bool HandleRadio(in RtpPacketView packet, in TransportAddress source, Instant now)
    {
        NotePacket(packet, source, now);
        _gateway!.HandleHeader(packet, now);
        Pump(now);
        return false;
    }

    /// <summary>Gives the sender what a gateway has due: keys, speech whose turn has come, keep-alives.</summary>
    private void Pump(Instant now)
    {
        if (_gateway is null || !_latch.TryGetDestination(out _)) return;
        Span<byte> key = stackalloc byte[TelephoneEventPayload.Bytes];
        while (_parameters.TelephoneEventPayloadType != 0 && _gateway.TryTakeKey(now, _sender.TimestampAt(now), key, out uint at, out bool isFirst))
            _sender.AddPacket(_parameters.TelephoneEventPayloadType, key, at, isFirst, now);
        while (_gateway.TryTake(now, out var codes, out uint timestamp, out bool marker)) _sender.Add(codes, timestamp, marker, now);
        if (_gateway.Radio is { } radio && radio.IsKeepAliveDue(now))
            _sender.AddPacket(RadioDescription.KeepAlivePayloadType, default, _sender.TimestampAt(now), marker: false, now);
    }

    private bool HandleReport(ReadOnlySpan<byte> datagram, in TransportAddress source, Instant now)
    {
        if (!_latch.MayReport(source)) return Drop(DropReason.ForeignSource);
        if (!_reports.Handle(datagram, now)) return Drop(DropReason.Malformed);
        _lastHeard = now;
        return false;
    }

    // A source that the SDP did not name must look like telephony: 10 to 60 ms of codes, or one key.
    private static bool IsPlausible(ReadOnlySpan<byte> payload, bool isKey) =>
        isKey ? payload.Length == TelephoneEventPayload.Bytes : payload.Length is >= 80 and <= 480;

    private void NotePacket(in RtpPacketView packet, in TransportAddress source, Instant now)
    {
        _latch.Take(source);
        _lastHeard = now;
        IsInactive = false;
        PacketsReceived++;
        _reports.NotePacket(packet, now);
        if (_hasSource && packet.Ssrc != _remoteSsrc) _keys.Reset();
        _remoteSsrc = packet.Ssrc;
        _hasSource = true;
    }

    private bool Drop(DropReason reason)
    {
        Drops.Count(reason);
        return false;
    }
}
