using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Media.Wire.Rtp;
using Comms.Media.Wire.TelephoneEvent;

namespace Comms.Media.Session;

/// <summary>
/// One plain-RTP leg (RTP/AVP with PCMA or PCMU and telephone-event), for a SIP phone or radio gateway. Sans-IO: one call,
/// then drain <see cref="TryPollTransmit"/> and <see cref="TryPollKey"/>. Owned by one media loop; allocates nothing per packet.
/// </summary>
public sealed class RtpLeg
{
    /// <summary>The largest datagram a leg sends: 60 ms of G.711 behind an RTP header.</summary>
    public const int MaxDatagramBytes = 492;

    private readonly RtpLegSettings _settings;
    private readonly RtpLegLatch _latch;
    private readonly RtpLegSender _sender;
    private readonly RtpLegReports _reports;
    private readonly TelephoneEventReceiver _keys = new();
    private readonly byte[] _report = new byte[RtpLegReports.MaxBytes];
    private int _reportBytes;
    private RtpLegParameters _parameters;
    private Instant _lastSent;
    private Instant _lastHeard;
    private bool _hasSource;
    private uint _remoteSsrc;

    public RtpLeg(RtpLegParameters parameters, RtpLegIdentity identity, RtpLegSettings settings, Instant now)
    {
        _parameters = parameters;
        _settings = settings;
        _latch = new RtpLegLatch(parameters);
        _sender = new RtpLegSender(parameters, identity, Drops);
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

    /// <summary>Call <see cref="HandleTimeout"/> at this moment.</summary>
    public Instant NextDeadline =>
        Instant.Min(Instant.Min(KeepAliveAt, InactiveAt), Instant.Min(Instant.Min(_keys.NextDeadline, _sender.FlushAt), _reports.NextAt));

    private byte SpeechPayloadType => _parameters.Codec == RtpLegCodec.Pcma ? (byte)8 : (byte)0;

    private Instant KeepAliveAt => _latch.TryGetDestination(out _) ? _lastSent.AddMs(_settings.KeepAliveMs) : Instant.Never;

    private Instant InactiveAt =>
        _settings.InactivityMs > 0 && _parameters.MayReceive && !IsInactive ? _lastHeard.AddMs(_settings.InactivityMs) : Instant.Never;

    /// <summary>Applies a re-INVITE: the latch opens again; SSRC, sequence numbers and timestamps of our packets go on.</summary>
    public void Update(RtpLegParameters parameters, Instant now)
    {
        _parameters = parameters;
        _latch.Open(parameters);
        _sender.Apply(parameters);
        _lastHeard = now;
        IsInactive = false;
    }

    /// <summary>
    /// Takes a datagram of the leg's RTP or RTCP port. True: it carried speech, which is in <paramref name="frame"/>. False: it was a
    /// key, a report, a keep-alive or a drop; drops are counted in <see cref="Drops"/>.
    /// </summary>
    public bool HandleDatagram(ReadOnlySpan<byte> datagram, in TransportAddress source, Instant now, out RtpLegFrame frame)
    {
        frame = default;
        // RTCP is told apart by its packet type, whichever port it came to. RFC 5761 §4.
        if (datagram.Length >= 8 && (datagram[1] & 0x7F) is >= 64 and <= 95) return HandleReport(datagram, source, now);
        if (!RtpPacketView.TryParse(datagram, out RtpPacketView packet)) return Drop(DropReason.Malformed);
        if (!_latch.MayTake(source)) return Drop(DropReason.ForeignSource);
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
        return true;
    }

    /// <summary>
    /// Sends speech to the peer. <paramref name="codes"/> are of the negotiated law; <paramref name="timestamp"/> counts the source's 8 kHz
    /// ticks, contiguous inside a burst; <paramref name="marker"/> begins a burst. False: on hold, or no address yet.
    /// </summary>
    public bool Send(ReadOnlySpan<byte> codes, uint timestamp, bool marker, Instant now)
    {
        if (!_parameters.MaySend) return Drop(DropReason.Direction);
        if (!_latch.TryGetDestination(out _)) return Drop(DropReason.NoDestination);
        _sender.Add(codes, timestamp, marker, now);
        _lastSent = now;
        return true;
    }

    public void HandleTimeout(Instant now)
    {
        _keys.HandleTimeout(now);
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
