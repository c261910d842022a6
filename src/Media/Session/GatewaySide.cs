using Comms.Media.Audio;
using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Media.Wire.Ed137;
using Comms.Media.Wire.Rtp;
using Comms.Media.Wire.TelephoneEvent;

namespace Comms.Media.Session;

/// <summary>
/// What a radio gateway adds to its leg: level, keys both ways, the delay that its transmitter needs, the state of an ED-137 radio.
/// Joins the parts that do one of these each. Sans-IO; owned by one leg; allocates nothing per packet.
/// </summary>
public sealed class GatewaySide
{
    private const byte StarKey = 10;
    private const byte PoundKey = 11;
    private const int MaxCodes = 480;

    private readonly RtpLegGateway _gateway;
    private readonly LegGain? _gain;
    private readonly LegTransmitter _transmitter;
    private readonly TelephoneEventSender? _keys;
    private readonly byte[] _scaled = new byte[MaxCodes];
    private uint _keyTimestamp;
    private bool _isChanged;

    public GatewaySide(RtpLegGateway gateway, Instant now)
    {
        _gateway = gateway;
        if (gateway.GainDb != 0 || gateway.UsesAgc) _gain = new LegGain(gateway.GainDb, gateway.UsesAgc);
        _transmitter = new LegTransmitter(gateway);
        if (gateway.Keying == LegKeying.Digits) _keys = new TelephoneEventSender();
        if (gateway.Keying == LegKeying.Ed137) Radio = new RadioLink(gateway.Radio, now);
        if (gateway.Keying is LegKeying.Vox or LegKeying.Carrier or LegKeying.Ed137) Receiver = new LegReceiver(gateway);
    }

    /// <summary>The profile, to see whether a new negotiation changes it.</summary>
    public RtpLegGateway Profile => _gateway;

    public RadioLink? Radio { get; }

    /// <summary>Null when keys tell who talks.</summary>
    public LegReceiver? Receiver { get; }

    /// <summary>Silence on the wire means that nobody talks; a packet of it would key the gateway.</summary>
    public bool IsSilentWhenIdle => _gateway.Keying is LegKeying.Carrier or LegKeying.Ed137;

    public int EchoGuardMs => _gateway.EchoGuardMs;

    public bool IsKeyed => _transmitter.IsKeyed;

    public int GainDb => _gain?.GainDb ?? 0;

    public Instant NextDeadline => Instant.Min(
        Instant.Min(_transmitter.NextDeadline, Receiver?.NextDeadline ?? Instant.Never),
        Instant.Min(Radio?.NextDeadline ?? Instant.Never, _keys?.NextDeadline ?? Instant.Never));

    /// <summary>What the channel's and this gateway's own sending echoes until.</summary>
    public void Guard(Instant until)
    {
        if (_gateway.EchoGuardMs > 0) Receiver?.Guard(until);
    }

    /// <summary>Takes the header of any packet of an ED-137 radio.</summary>
    public void HandleHeader(in RtpPacketView packet, Instant now)
    {
        if (Radio is null) return;
        Radio.Handle(packet.ExtensionProfile, packet.ExtensionWords, now);
        if (Radio.State.IsConfirmed) _transmitter.Confirm(now);
        if (packet.PayloadType == RadioDescription.KeepAlivePayloadType) Receiver!.HandleSquelch(Radio.State.IsSquelchOpen, now);
    }

    /// <summary>
    /// Takes one packet of speech, whose level is set. True: it is talk as it stands, if the keys say so; false: it waits in
    /// <see cref="Receiver"/>, or is nobody's.
    /// </summary>
    public bool HandleSpeech(ref RtpLegFrame frame, G711Law? law, Instant now)
    {
        if (_gain is not null && law is { } known && frame.Payload.Length <= MaxCodes)
        {
            _gain.Apply(known, frame.Payload, _scaled);
            frame.Payload = _scaled.AsSpan(0, frame.Payload.Length);
        }

        Receiver?.Handle(frame, law, Radio?.State.IsSquelchOpen, now);
        return Receiver is null && _gateway.Keying != LegKeying.Listener;
    }

    public void BeginTalk(PttType type, Instant now)
    {
        _transmitter.Begin(now);
        ApplyKey(type, now);
    }

    public void EndTalk(Instant now) => _transmitter.End(now);

    /// <summary>Takes speech for the gateway; <see cref="TryTake"/> gives it back when its turn has come.</summary>
    public bool Add(ReadOnlySpan<byte> codes, uint timestamp, bool marker, Instant now)
    {
        bool isTaken = _transmitter.Add(codes, timestamp, marker, now);
        ApplyKey(PttType.Normal, now);
        return isTaken;
    }

    /// <summary>The next 20 ms of speech to send now.</summary>
    public bool TryTake(Instant now, out ReadOnlySpan<byte> codes, out uint timestamp, out bool marker)
    {
        if (!_transmitter.TryTake(now, out codes, out timestamp, out marker)) return false;
        Guard(now.AddMs(_gateway.EchoGuardMs));
        return true;
    }

    /// <summary>The next packet of a key press to send now.</summary>
    public bool TryTakeKey(Instant now, uint timestampNow, Span<byte> payload, out uint timestamp, out bool marker)
    {
        marker = false;
        timestamp = _keyTimestamp;
        if (_keys is null || !_keys.TryTake(now, payload, out marker)) return false;
        if (marker) timestamp = _keyTimestamp = timestampNow;
        return true;
    }

    public void HandleTimeout(Instant now)
    {
        _transmitter.HandleTimeout(now);
        ApplyKey(PttType.Normal, now);
        Receiver?.HandleTimeout(now);
        Radio?.HandleTimeout(now);
    }

    /// <summary>The state of key and radio, once after each change.</summary>
    public bool TryPollState(out GatewayState state)
    {
        bool isChanged = _isChanged;
        _isChanged = false;
        RadioState radio = Radio?.State ?? default;
        if (Radio is not null) isChanged |= Radio.TryPollChange(out radio);
        state = new GatewayState(_transmitter.IsKeyed, radio);
        return isChanged;
    }

    private void ApplyKey(PttType type, Instant now)
    {
        if (!_transmitter.TryPollKey(out bool isKeyed)) return;
        _isChanged = true;
        Radio?.Key(isKeyed ? type : PttType.Off);
        _keys?.Begin(isKeyed ? StarKey : PoundKey, now);
        Guard(now.AddMs(_gateway.EchoGuardMs));
    }
}

/// <summary>Whether a gateway is asked to transmit, and what an ED-137 radio says.</summary>
public readonly record struct GatewayState(bool IsKeyed, RadioState Radio);
