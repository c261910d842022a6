using Comms.Media.Audio;
using Comms.Media.Numbers;
using Comms.Media.Session;
using Comms.Media.Wire.Opus;

namespace Comms.Media.Fanout;

/// <summary>
/// One channel's part on one loop: the listeners that live there, in a fixed order, and the packets on their way to them. A
/// talker's loop carries one copy to each other loop with listeners, where the frames are merged. Long fan-outs are cut into slices.
/// Owned by its loop.
/// </summary>
public sealed class VoiceChannel : IFrameReceiver, IVoicePacketSink
{
    /// <summary>Sends before the loop serves its other descriptors.</summary>
    private const int SendsPerSlice = 256;

    /// <summary>Packets waiting for the fan-out before the oldest is dropped: half a second of 20 ms frames and some of a kept burst.</summary>
    private const int MaxWaiting = 64;

    private readonly int _loopIndex;
    private readonly IVoiceLoop _loop;
    private readonly VoiceListeners _listeners = new();
    private readonly List<ISpeechListener> _legs = [];
    private readonly VoiceFrame?[] _waiting = new VoiceFrame?[MaxWaiting];
    private int _waitingFirst;
    private int _waitingCount;
    private readonly VoicePartCounters _counters = new();
    private FrameClassPolicy? _frameClass;
    private long _classedBurst = long.MinValue;
    private VoiceMerger? _merger;
    private VoiceHistory? _history;
    private ChannelSpeech? _speech;
    private long _epoch = long.MinValue;
    private int _opusListeners;
    private int _legCount;
    private Instant _armed = Instant.Never;
    private bool _isPumping;

    internal VoiceChannel(ChannelHub hub, int loopIndex, IVoiceLoop loop)
    {
        Hub = hub;
        _loopIndex = loopIndex;
        _loop = loop;
    }

    public ChannelHub Hub { get; }

    /// <summary>Browsers and legs of this loop. Any thread.</summary>
    public int ListenerCount => OpusListeners + Volatile.Read(ref _legCount);

    /// <summary>Browsers of this loop. Any thread.</summary>
    public int OpusListeners => Volatile.Read(ref _opusListeners);

    /// <summary>What this part has merged and handed to its listeners. Any thread may read it.</summary>
    public VoicePartCounters Counters => _counters;

    private bool IsHome => _loopIndex == Hub.HomeLoop;

    public void AddListener(IVoiceListener listener, int slot)
    {
        _listeners.Add(listener, slot);
        PublishWanted();
    }

    public void RemoveListener(IVoiceListener listener, int slot)
    {
        _listeners.Remove(listener, slot);
        PublishWanted();
    }

    public void AddLeg(ISpeechListener leg)
    {
        _legs.Add(leg);
        Hub.AddSpeechListeners(1);
        PublishWanted();
    }

    public void RemoveLeg(ISpeechListener leg)
    {
        if (!_legs.Remove(leg)) return;
        Hub.AddSpeechListeners(-1);
        PublishWanted();
    }

    /// <summary>Lets one packet of an admitted talker of this loop into the channel: Opus to everyone, G.711 to the home part first.</summary>
    public void Talk(in FrameHeader header, ReadOnlySpan<byte> payload, Instant now)
    {
        if (payload.Length > FrameLimits.MaxPayloadBytes)
        {
            _loop.Drops.Count(DropReason.TooLarge);
            return;
        }

        if (header.Kind != (int)VoiceFrameKind.Opus) Deliver(Hub.HomeLoop, header, payload, now);
        else if (OpusPacketView.TryParse(payload, out _, out _)) Spread(header, payload, now);
        else _loop.Drops.Count(DropReason.Malformed);
    }

    /// <summary>A gate of this loop has opened: the channel's gateways on every loop key their transmitters.</summary>
    public void BeginTalk(in FrameHeader header, Instant now)
    {
        if (Hub.SpeechListeners == 0) return;
        var begin = header with { Kind = (int)VoiceFrameKind.Begin };
        for (int i = 0; i < Hub.LoopCount; i++)
        {
            if (Volatile.Read(ref Hub.Part(i)._legCount) > 0) Deliver(i, begin, default, now);
        }
    }

    /// <summary>The talker of this loop has stopped: what is on its way goes out, nothing is invented behind it.</summary>
    public void EndTalk(in FrameHeader header, Instant now)
    {
        if (header.Kind == (int)VoiceFrameKind.Opus) SpreadEnd(header, now);
        else Deliver(Hub.HomeLoop, header with { Kind = (int)VoiceFrameKind.TalkEnd }, default, now);
    }

    public void OnFrame(in FrameHeader header, ReadOnlySpan<byte> payload, Instant now)
    {
        if (header.Epoch < _epoch)
        {
            _loop.Drops.Count(DropReason.StaleBurst);
            return;
        }

        _epoch = header.Epoch;
        switch ((VoiceFrameKind)header.Kind)
        {
            case VoiceFrameKind.Opus: TakeOpus(header, payload, now); break;
            case VoiceFrameKind.Speech: SendSpeech(header, payload, now); break;
            case VoiceFrameKind.End: TakeEnd(header, now); break;
            case VoiceFrameKind.Begin: KeyLegs(header, now); break;
            case VoiceFrameKind.TalkEnd: TakeTalkEnd(header, now); break;
            default: TakeTalk(header, payload, now); break;
        }
    }

    /// <summary>A packet of the last second, by its number on the channel's line: for a listener that lost it.</summary>
    public bool TryFindSent(ushort sequence, out VoicePacket packet)
    {
        packet = default;
        return _history is not null && _history.TryFind(sequence, out packet);
    }

    /// <summary>Sends up to 256 packets. True: more waits.</summary>
    public bool RunSlice(Instant now, out bool isBlocked)
    {
        isBlocked = false;
        for (int budget = SendsPerSlice; _waitingCount > 0;)
        {
            var frame = _waiting[_waitingFirst]!;
            int sent = _listeners.Send(frame, ref budget, now, out isBlocked);
            _counters.CountForwarded(frame.Header.FrameMs, sent);
            if (isBlocked || budget == 0) return true;
            DropFirst();
        }

        return false;
    }

    /// <summary>Sends a packet whose last frame is overdue, and spreads what the transcoder has due.</summary>
    public void HandleTimeout(Instant now)
    {
        _armed = Instant.Never;
        _merger?.HandleTimeout(now);
        Pump(now);
        Arm();
    }

    /// <summary>One packet of the line: kept for those who lose it, and on its way.</summary>
    void IVoicePacketSink.OnPacket(in FrameHeader header, ReadOnlySpan<byte> payload, VoiceFlush flush, Instant now)
    {
        _counters.CountPacket(flush);
        if (_loop.Frames.Rent() is not { } frame)
        {
            _loop.Drops.Count(DropReason.BufferFull);
            return;
        }

        frame.Set(header, payload);
        _history ??= new VoiceHistory();
        _history.Add(frame);
        Enqueue(frame);
        if (_waitingCount == 1 && RunSlice(now, out _)) _loop.RunSoon(this);
    }

    private void Pump(Instant now)
    {
        // What the transcoder gives is spread while it is being asked; it must not be asked again before it is through.
        if (_speech is null || _isPumping) return;
        _isPumping = true;
        try
        {
            _speech.HandleTimeout(now);
        }
        finally
        {
            _isPumping = false;
        }

        if (_speech.TryTakeEnd(out var end)) SpreadEnd(end, now);
    }

    /// <summary>Opus that the transcoder made of a SIP talker.</summary>
    internal void SpreadTranscoded(in FrameHeader header, ReadOnlySpan<byte> payload, Instant now) => Spread(header, payload, now);

    /// <summary>G.711 that the transcoder made: to the legs of every loop.</summary>
    internal void SpreadSpeech(in FrameHeader header, ReadOnlySpan<byte> bothLaws, Instant now)
    {
        for (int i = 0; i < Hub.LoopCount; i++)
        {
            if (i == _loopIndex || Volatile.Read(ref Hub.Part(i)._legCount) > 0) Deliver(i, header, bothLaws, now);
        }
    }

    private void Spread(in FrameHeader header, ReadOnlySpan<byte> payload, Instant now)
    {
        if (Hub.Tap is { } tap && !tap.TryTap(Hub.Id, header, payload)) _loop.Drops.Count(DropReason.TapFull);
        var classed = header with { FrameMs = ChooseFrameMs(header.Number, now) };
        for (int i = 0; i < Hub.LoopCount; i++)
        {
            bool transcodes = i == Hub.HomeLoop && Hub.SpeechListeners > 0;
            if (transcodes || Hub.Part(i).OpusListeners > 0) Deliver(i, classed, payload, now);
        }
    }

    /// <summary>The class is chosen where the talker is, and carried with each frame, so that every part merges alike.</summary>
    private int ChooseFrameMs(long burst, Instant now)
    {
        if (Hub.IsFrameMsForced) return Hub.FrameMs;
        var demand = new FrameDemand(Hub.Listeners, _loop.BusyPermille, Hub.LoopCount);
        _frameClass ??= new FrameClassPolicy();
        if (burst == _classedBurst)
        {
            _frameClass.Observe(demand, now);
        }
        else
        {
            _classedBurst = burst;
            _frameClass.BeginBurst(Hub.FrameMs, Hub.BurstPermille, demand, now);
        }

        Hub.Publish(_frameClass);
        return _frameClass.FrameMs;
    }

    /// <summary>Once a burst's last Opus packet has been spread.</summary>
    private void SpreadEnd(in FrameHeader header, Instant now)
    {
        var end = header with { Kind = (int)VoiceFrameKind.End };
        for (int i = 0; i < Hub.LoopCount; i++)
        {
            if (i == Hub.HomeLoop || Hub.Part(i).ListenerCount > 0) Deliver(i, end, default, now);
        }
    }

    private void Deliver(int loop, in FrameHeader header, ReadOnlySpan<byte> payload, Instant now)
    {
        if (loop == _loopIndex) OnFrame(header, payload, now);
        else if (!_loop.Carrier.TryCarry(loop, Hub.Part(loop), header, payload)) _loop.Drops.Count(DropReason.RingFull);
    }

    private void TakeOpus(in FrameHeader header, ReadOnlySpan<byte> payload, Instant now)
    {
        if (IsHome && Hub.SpeechListeners > 0 && !_isPumping) Transcode(header, payload, now);
        if (_listeners.Count > 0)
        {
            _merger ??= new VoiceMerger(this);
            _loop.Drops.Count(_merger.Insert(header, payload, now));
        }

        Arm();
    }

    private void TakeEnd(in FrameHeader header, Instant now)
    {
        _merger?.EndBurst(header.Number, now);
        _speech?.EndBurst(header);
        foreach (var leg in _legs) if (leg.Session != header.Source) leg.EndTalk(now);
        Arm();
    }

    private void KeyLegs(in FrameHeader header, Instant now)
    {
        foreach (var leg in _legs) if (leg.Session != header.Source) leg.BeginTalk(isUrgent: false, now);
    }

    private void TakeTalkEnd(in FrameHeader header, Instant now)
    {
        _speech?.EndTalk(header);
        HandleTimeout(now);
    }

    private void Enqueue(VoiceFrame frame)
    {
        if (_waitingCount == MaxWaiting)
        {
            _listeners.RestartPass();
            DropFirst();
            _loop.Drops.Count(DropReason.BufferFull);
        }

        _waiting[(_waitingFirst + _waitingCount++) % MaxWaiting] = frame;
    }

    private void DropFirst()
    {
        _loop.Frames.Return(_waiting[_waitingFirst]!);
        _waiting[_waitingFirst] = null;
        _waitingFirst = (_waitingFirst + 1) % MaxWaiting;
        _waitingCount--;
    }

    private void Transcode(in FrameHeader header, ReadOnlySpan<byte> payload, Instant now)
    {
        _speech ??= new ChannelSpeech(this);
        _loop.Drops.Count(_speech.InsertOpus(header, payload, now));
        Pump(now);
    }

    private void TakeTalk(in FrameHeader header, ReadOnlySpan<byte> codes, Instant now)
    {
        _speech ??= new ChannelSpeech(this);
        var law = header.Kind == (int)VoiceFrameKind.TalkALaw ? G711Law.ALaw : G711Law.MuLaw;
        _loop.Drops.Count(_speech.InsertSpeech(law, header, codes, now));
        HandleTimeout(now);
    }

    private void SendSpeech(in FrameHeader header, ReadOnlySpan<byte> bothLaws, Instant now)
    {
        int half = bothLaws.Length / 2;
        foreach (var leg in _legs)
        {
            if (leg.Session == header.Source) continue;
            leg.SendSpeech(leg.Law == G711Law.ALaw ? bothLaws[..half] : bothLaws[half..], header.Timestamp, header.Marker, now);
            _counters.CountForwarded(FrameClass.ShortestMs, 1);
        }
    }

    private void Arm()
    {
        var due = Instant.Min(_merger?.NextDeadline ?? Instant.Never, _speech?.NextDeadline ?? Instant.Never);
        if (due == _armed) return;
        _armed = due;
        _loop.RunAt(this, due);
    }

    /// <summary>What listeners of this loop take; read by talkers on other loops.</summary>
    private void PublishWanted()
    {
        Volatile.Write(ref _opusListeners, _listeners.Count);
        Volatile.Write(ref _legCount, _legs.Count);
    }
}
