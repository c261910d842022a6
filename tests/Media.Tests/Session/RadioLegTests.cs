using System.Net;
using Comms.Media.Audio;
using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Media.Session;
using Comms.Media.Wire.Ed137;
using Comms.Media.Wire.Rtp;
using Comms.Media.Wire.TelephoneEvent;
using Xunit;

namespace Comms.Media.Tests.Session;

/// <summary>One leg with a gateway's profile, on its own time.</summary>
public sealed class RadioLegTests
{
    private const byte Keys = 101;
    private const byte PttId = 5;

    private static readonly IPEndPoint Peer = new(IPAddress.Parse("192.0.2.7"), 4_000);
    private static readonly byte[] Quiet = Enumerable.Repeat(G711.Silence(G711Law.ALaw), 160).ToArray();

    private readonly List<Sent> _sent = [];
    private Instant _now = new(5_000_000_000);
    private RtpLeg _leg = null!;
    private ushort _sequence;
    private uint _timestamp;

    [Fact]
    public void A_radio_is_keyed_at_once_and_hears_the_speech_when_it_confirms()
    {
        Open(new RtpLegGateway { Keying = LegKeying.Ed137, PreRollMs = 500, Radio = new RadioDescription { PttId = PttId } });
        RunFor(20);
        Assert.Equal(PttType.Off, Assert.Single(_sent).Header.Ptt);
        _sent.Clear();

        _leg.BeginTalk(PttType.Normal, _now);
        Drain();
        var keyed = Assert.Single(_sent);
        Assert.Equal((PttType.Normal, PttId, (byte)RadioDescription.KeepAlivePayloadType), (keyed.Header.Ptt, keyed.Header.PttId, keyed.PayloadType));
        Assert.Equal(new GatewayState(true, new RadioState { Requested = PttType.Normal }), State());

        // Five frames are said before the radio's transmitter is up: none goes out, none is lost.
        Speak(5);
        Assert.DoesNotContain(_sent, packet => packet.PayloadType == 8);
        Hear(new RadioHeader { Ptt = PttType.Normal, PttId = PttId });
        Assert.True(State().Radio.IsConfirmed);
        Speak(10);
        RunFor(200);
        var speech = _sent.Where(packet => packet.PayloadType == 8).ToList();
        Assert.Equal(15, speech.Count);
        Assert.All(speech, packet => Assert.Equal((PttType.Normal, PttId), (packet.Header.Ptt, packet.Header.PttId)));
        Assert.All(speech.Zip(speech.Skip(1)), pair => Assert.Equal(160u, pair.Second.Timestamp - pair.First.Timestamp));
        Assert.All(speech.Zip(speech.Skip(1)), pair => Assert.InRange(pair.Second.AtMs - pair.First.AtMs, 10, 30));
        Assert.Equal(Enumerable.Range(0, 15).Select(frame => (byte)frame), speech.Select(packet => packet.FirstByte));

        RunFor(400);
        Assert.Equal(PttType.Off, _sent[^1].Header.Ptt);
        Assert.False(State().IsKeyed);
    }

    [Fact]
    public void A_radio_that_never_confirms_gets_the_speech_after_the_pre_roll()
    {
        Open(new RtpLegGateway { Keying = LegKeying.Ed137, PreRollMs = 100, Radio = new RadioDescription { PttId = PttId } });
        _leg.BeginTalk(PttType.Normal, _now);
        Speak(4);
        Assert.DoesNotContain(_sent, packet => packet.PayloadType == 8);
        Speak(8);
        RunFor(120);
        Assert.Equal(12, _sent.Count(packet => packet.PayloadType == 8));
        Assert.False(State().Radio.IsConfirmed);
    }

    [Fact]
    public void Somebody_elses_ptt_id_shows_blocked()
    {
        Open(new RtpLegGateway { Keying = LegKeying.Ed137, Radio = new RadioDescription { PttId = PttId } });
        _leg.BeginTalk(PttType.Normal, _now);
        Hear(new RadioHeader { Ptt = PttType.Priority, PttId = 9 });
        var state = State().Radio;
        Assert.Equal((true, false, (byte)9), (state.IsBlocked, state.IsConfirmed, state.HolderId));
        Hear(new RadioHeader { Ptt = PttType.Normal, PttId = PttId });
        state = State().Radio;
        Assert.Equal((false, true, PttId), (state.IsBlocked, state.IsConfirmed, state.HolderId));
    }

    [Fact]
    public void A_radio_that_falls_silent_is_dead_after_ten_periods_and_not_before()
    {
        Open(new RtpLegGateway { Keying = LegKeying.Ed137 });
        Hear(default);
        RunFor(1_995);
        Assert.False(_leg.IsRadioDead);
        // Ours goes on at its period meanwhile.
        Assert.InRange(_sent.Count, 10, 11);
        RunFor(10);
        Assert.True(_leg.IsRadioDead);
    }

    [Fact]
    public void The_end_of_a_transmission_is_said_as_often_as_the_radio_asks()
    {
        Open(new RtpLegGateway { Keying = LegKeying.Ed137, HangMs = 40, Radio = new RadioDescription { PttRepeats = 3 } });
        _leg.BeginTalk(PttType.Normal, _now);
        Speak(2);
        _sent.Clear();
        RunFor(180);
        var off = _sent.Where(packet => packet.Header.Ptt == PttType.Off).ToList();
        Assert.Equal(4, off.Count);
        Assert.InRange(off[^1].AtMs - off[0].AtMs, 55, 80);
    }

    [Fact]
    public void An_open_squelch_talks_and_a_closed_one_ends_it_without_its_tail()
    {
        Open(new RtpLegGateway { Keying = LegKeying.Ed137, TailTrimMs = 60 });
        Hear(new RadioHeader { IsSquelchOpen = true }, Loud(1));
        Assert.True(_leg.TryPollTalk(out bool isDown) && isDown);
        for (int i = 0; i < 9; i++) Hear(new RadioHeader { IsSquelchOpen = true }, Loud(1));
        int heard = 0;
        while (_leg.TryTakeSpeech(out _)) heard++;
        Assert.Equal(7, heard);
        Hear(new RadioHeader());
        Assert.True(_leg.TryPollTalk(out isDown) && !isDown);
        Assert.False(_leg.TryTakeSpeech(out _));
    }

    [Fact]
    public void What_a_radio_hears_of_our_own_transmission_does_not_talk()
    {
        Open(new RtpLegGateway { Keying = LegKeying.Ed137, HangMs = 100, EchoGuardMs = 300 });
        _leg.BeginTalk(PttType.Normal, _now);
        Speak(3);
        Hear(new RadioHeader { IsSquelchOpen = true }, Loud(1));
        Assert.False(_leg.TryPollTalk(out _));
        RunFor(150);
        Hear(new RadioHeader { IsSquelchOpen = true }, Loud(1));
        Assert.False(_leg.TryPollTalk(out _));
        // A carrier that stays is somebody's answer.
        for (int i = 0; i < 20; i++) Hear(new RadioHeader { IsSquelchOpen = true }, Loud(1));
        Assert.True(_leg.TryPollTalk(out bool isDown) && isDown);
    }

    [Fact]
    public void A_voice_switch_follows_the_background_and_keeps_the_start_of_the_word()
    {
        Open(new RtpLegGateway { Keying = LegKeying.Vox, HangMs = 200 });
        // An engine hums at −40 dB for half a minute, then somebody speaks 20 dB louder.
        for (int i = 0; i < 1_500; i++) HearSpeech(Loud(0.01));
        while (_leg.TryPollTalk(out _)) continue;
        Assert.False(IsTalking());
        for (int i = 0; i < 3; i++) HearSpeech(Loud(0.2));
        Assert.True(_leg.TryPollTalk(out bool isDown) && isDown);
        int heard = 0;
        while (_leg.TryTakeSpeech(out _)) heard++;
        Assert.InRange(heard, 10, 12);
        for (int i = 0; i < 8; i++) HearSpeech(Loud(0.01));
        Assert.False(_leg.TryPollTalk(out _));
        for (int i = 0; i < 8; i++) HearSpeech(Loud(0.01));
        Assert.True(_leg.TryPollTalk(out isDown) && !isDown);
    }

    [Fact]
    public void A_carrier_gateway_talks_while_rtp_comes_and_is_sent_none_while_nobody_talks()
    {
        Open(new RtpLegGateway { Keying = LegKeying.Carrier, HangMs = 100 });
        HearSpeech(Quiet);
        Assert.True(_leg.TryPollTalk(out bool isDown) && isDown);
        RunFor(120);
        Assert.True(_leg.TryPollTalk(out isDown) && !isDown);
        RunFor(60_000);
        Assert.Empty(_sent);
    }

    [Fact]
    public void A_listener_never_talks_and_what_it_says_is_counted()
    {
        Open(new RtpLegGateway { Keying = LegKeying.Listener });
        Assert.False(_leg.HandleDatagram(Packet(8, null, Loud(1)), TransportAddress.From(Peer), _now, out _));
        Assert.False(_leg.TryPollTalk(out _));
        Assert.Equal(1, _leg.Drops[DropReason.Direction]);
    }

    [Fact]
    public void A_digit_gateway_is_keyed_by_star_and_unkeyed_by_pound_around_the_speech()
    {
        Open(new RtpLegGateway { Keying = LegKeying.Digits, PreRollMs = 200, HangMs = 60 });
        _leg.BeginTalk(PttType.Normal, _now);
        Speak(20);
        RunFor(600);
        var events = _sent.Where(packet => packet.PayloadType == Keys).ToList();
        var receiver = new TelephoneEventReceiver();
        var edges = new List<TelephoneKey>();
        foreach (var packet in events)
        {
            receiver.Handle(packet.Payload, packet.Timestamp, _now);
            while (receiver.TryPollKey(out var key)) edges.Add(key);
        }

        Assert.Equal([new(10, true), new(10, false), new(11, true), new(11, false)], edges);
        var speech = _sent.Where(packet => packet.PayloadType == 8).ToList();
        Assert.Equal(20, speech.Count);
        Assert.InRange(speech[0].AtMs - events[0].AtMs, 195, 210);
        Assert.True(events[^1].AtMs > speech[^1].AtMs);
    }

    [Fact]
    public void The_transmitter_is_let_go_at_the_talk_limit_until_the_next_talker()
    {
        Open(new RtpLegGateway { Keying = LegKeying.Ed137, TalkLimitMs = 1_000 });
        _leg.BeginTalk(PttType.Normal, _now);
        Speak(60);
        Assert.InRange(_sent.Count(packet => packet.PayloadType == 8), 49, 51);
        Assert.Equal(PttType.Off, _sent[^1].Header.Ptt);
        Assert.InRange(_leg.Drops[DropReason.TransmitterLimit], 9, 11);
        _leg.BeginTalk(PttType.Normal, _now);
        Speak(1);
        Assert.Equal(PttType.Normal, _sent[^1].Header.Ptt);
    }

    [Fact]
    public void Automatic_gain_brings_quiet_and_loud_speech_to_one_level()
    {
        Assert.Equal(20, LevelAfter(new RtpLegGateway { GainDb = 20 }, 0.01) - LevelAfter(new RtpLegGateway(), 0.01), 1.0);
        Assert.InRange(LevelAfter(new RtpLegGateway { UsesAgc = true }, 0.02), -23, -17);
        Assert.InRange(LevelAfter(new RtpLegGateway { UsesAgc = true }, 0.9), -23, -17);
    }

    [Fact]
    public void A_radio_leg_allocates_nothing_per_packet()
    {
        Open(new RtpLegGateway { Keying = LegKeying.Ed137, PreRollMs = 60, TailTrimMs = 40, UsesAgc = true });
        byte[] heard = Packet(8, new RadioHeader { IsSquelchOpen = true }, Loud(0.3));
        byte[] codes = Loud(0.3);
        byte[] buffer = new byte[RtpLeg.MaxDatagramBytes];
        var from = TransportAddress.From(Peer);
        void Turn(int i)
        {
            _now = _now.AddMs(20);
            _leg.HandleDatagram(heard, from, _now, out _);
            while (_leg.TryPollTalk(out _) || _leg.TryPollGateway(out _)) continue;
            while (_leg.TryTakeSpeech(out _)) continue;
            if (i % 100 < 50) _leg.Send(codes, (uint)i * 160, i % 100 == 0, _now);
            _leg.HandleTimeout(_now);
            while (_leg.TryPollTransmit(buffer, out _)) continue;
        }

        for (int i = 0; i < 2_000; i++) Turn(i);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10_000; i++) Turn(i);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200);
    }

    private void Open(RtpLegGateway gateway)
    {
        var parameters = new RtpLegParameters
        {
            Codec = RtpLegCodec.Pcma, Remote = Peer, TelephoneEventPayloadType = Keys, LocalAddress = IPAddress.Loopback, Gateway = gateway,
        };
        _leg = new RtpLeg(parameters, new RtpLegIdentity(1, 2, 3), new RtpLegSettings { InactivityMs = 0, ReportMs = 1_000_000 }, _now);
    }

    private double LevelAfter(RtpLegGateway gateway, double amplitude)
    {
        Open(gateway);
        double level = 0;
        for (int i = 0; i < 400; i++)
        {
            Assert.True(_leg.HandleDatagram(Packet(8, null, Loud(amplitude)), TransportAddress.From(Peer), _now, out var frame));
            level = SpeechLevel.ToDb(SpeechLevel.MeanSquare(G711Law.ALaw, frame.Payload));
            _now = _now.AddMs(20);
        }

        return level;
    }

    private bool IsTalking() => _leg.TryTakeSpeech(out _);

    private GatewayState State()
    {
        GatewayState state = default;
        while (_leg.TryPollGateway(out var next)) state = next;
        return state;
    }

    /// <summary>Frames whose first code is their number, in real time.</summary>
    private void Speak(int frames)
    {
        for (int i = 0; i < frames; i++)
        {
            byte[] codes = [.. Quiet];
            codes[0] = (byte)(_timestamp / 160);
            _leg.Send(codes, _timestamp, _timestamp == 0, _now);
            _timestamp += 160;
            Drain();
            RunFor(20);
        }
    }

    private void Hear(RadioHeader header, byte[]? codes = null)
    {
        byte payloadType = codes is null ? RadioDescription.KeepAlivePayloadType : (byte)8;
        _leg.HandleDatagram(Packet(payloadType, header, codes ?? []), TransportAddress.From(Peer), _now, out _);
        if (codes is not null) RunFor(20);
        else Drain();
    }

    private void HearSpeech(byte[] codes)
    {
        _leg.HandleDatagram(Packet(8, null, codes), TransportAddress.From(Peer), _now, out _);
        RunFor(20);
    }

    private byte[] Packet(byte payloadType, RadioHeader? header, byte[] payload)
    {
        byte[] packet = new byte[RtpHeader.Bytes + (header is null ? 0 : RadioHeader.PlainBytes) + payload.Length];
        new RtpHeader(payloadType, false, _sequence++, (uint)_sequence * 160, 0x1234).Write(packet);
        if (header is { } radio)
        {
            packet[0] |= RtpHeader.ExtensionBit;
            radio.Write(RadioHeaderForm.Ed137B, packet.AsSpan(RtpHeader.Bytes));
        }

        payload.CopyTo(packet.AsSpan(packet.Length - payload.Length));
        return packet;
    }

    private static byte[] Loud(double amplitude)
    {
        byte[] codes = new byte[160];
        for (int i = 0; i < codes.Length; i++) codes[i] = G711.EncodeALaw((short)(32_000 * amplitude * Math.Sin(i * 2 * Math.PI * 500 / 8_000)));
        return codes;
    }

    private void RunFor(int ms)
    {
        for (int i = 0; i < ms; i += 5)
        {
            _now = _now.AddMs(5);
            if (_now >= _leg.NextDeadline) _leg.HandleTimeout(_now);
            Drain();
        }
    }

    private void Drain()
    {
        byte[] buffer = new byte[RtpLeg.MaxDatagramBytes];
        while (_leg.TryPollTransmit(buffer, out var transmit))
        {
            Assert.True(RtpPacketView.TryParse(buffer.AsSpan(0, transmit.Bytes), out var packet));
            RadioHeader.TryParse(packet.ExtensionProfile, packet.ExtensionWords, out var header, out _);
            _sent.Add(new Sent(packet.PayloadType, packet.Timestamp, header, packet.Payload.ToArray(), _now.Milliseconds));
        }
    }

    private sealed record Sent(byte PayloadType, uint Timestamp, RadioHeader Header, byte[] Payload, long AtMs)
    {
        public byte FirstByte => Payload[0];
    }
}
