using Comms.Media.Audio;
using Comms.Media.Node;
using Comms.Media.Numbers;

namespace Comms.Media.Session;

/// <summary>
/// The receiving half of a gateway whose talk is told by the sound or its header and not by keys: decides when somebody begins and
/// ends, keeps what was said just before, and cuts the tail. Sans-IO: one <c>Handle</c> call, then drain <see cref="TryPollKey"/> and
/// <see cref="TryTakeSpeech"/>. Owned by one leg; allocates nothing per packet.
/// </summary>
public sealed class LegReceiver(RtpLegGateway gateway)
{
    /// <summary>The first word begins before a voice switch notices it.</summary>
    private const int PreRollMs = 200;

    /// <summary>60 ms of codes, the longest packet.</summary>
    private const int SlotBytes = 480;

    /// <summary>Packets of 10 ms for the pre-roll, and for the longest tail that a profile may cut.</summary>
    private const int Slots = 64;

    private readonly VoiceSwitch? _voice = gateway.Keying == LegKeying.Vox ? new VoiceSwitch(gateway.VoxThresholdDb, gateway.HangMs) : null;
    private readonly byte[] _bytes = new byte[Slots * SlotBytes];
    private readonly Held[] _held = new Held[Slots];
    private int _first;
    private int _count;
    private int _heldCodes;
    private bool _hasSource;
    private bool _isSourceOpen;
    private Instant _lastSpeech;
    private Instant _guardUntil;
    private bool _isTold;

    /// <summary>Somebody talks on the gateway's side.</summary>
    public bool IsDown { get; private set; }

    public Instant NextDeadline => Instant.Min(
        _voice?.NextDeadline ?? (_isSourceOpen ? _lastSpeech.AddMs(gateway.HangMs) : Instant.Never),
        IsSourceOpen && !IsDown ? _guardUntil : Instant.Never);

    private bool IsSourceOpen => _voice?.IsOpen ?? _isSourceOpen;

    /// <summary>Something goes out on this gateway or on another of its channel: what comes in until then is an echo.</summary>
    public void Guard(Instant until)
    {
        if (until > _guardUntil) _guardUntil = until;
    }

    /// <summary>Takes one packet of codes; <paramref name="isSquelchOpen"/> is the header's word on it, null where there is none.</summary>
    public void Handle(in RtpLegFrame frame, G711Law? law, bool? isSquelchOpen, Instant now)
    {
        if (law is { } known) _voice?.Handle(known, frame.Payload, now);
        if (isSquelchOpen == false)
        {
            Decide(isSquelchOpen, now);
            return;
        }

        _lastSpeech = now;
        Keep(frame, now);
        Decide(isSquelchOpen, now);
        if (!IsDown) ForgetBefore(PreRollMs);
    }

    /// <summary>A header without sound said how the squelch is.</summary>
    public void HandleSquelch(bool isOpen, Instant now)
    {
        if (isOpen) _lastSpeech = now;
        Decide(isOpen, now);
    }

    public void HandleTimeout(Instant now)
    {
        _voice?.HandleTimeout(now);
        if (_voice is null && now >= _lastSpeech.AddMs(gateway.HangMs)) _isSourceOpen = false;
        Apply(now);
    }

    /// <summary>The next edge.</summary>
    public bool TryPollKey(out bool isDown)
    {
        isDown = IsDown;
        if (_isTold == IsDown) return false;
        _isTold = IsDown;
        return true;
    }

    /// <summary>The next packet that belongs to the talk and not to its tail; valid until the next call.</summary>
    public bool TryTakeSpeech(out RtpLegFrame frame)
    {
        frame = default;
        int tailCodes = gateway.TailTrimMs * (G711.SamplesPerSecond / 1_000);
        if (!IsDown || _count == 0 || _heldCodes - _held[_first].Bytes < tailCodes) return false;
        ref readonly Held held = ref _held[_first];
        frame = new RtpLegFrame
        {
            Payload = _bytes.AsSpan(_first * SlotBytes, held.Bytes), Timestamp = held.Timestamp, Ssrc = held.Ssrc, Marker = held.Marker, Captured = held.At,
        };
        DropFirst();
        return true;
    }

    private void Decide(bool? isSquelchOpen, Instant now)
    {
        _isSourceOpen = gateway.Keying switch
        {
            LegKeying.Ed137 => isSquelchOpen == true,
            LegKeying.Carrier => true,
            _ => false,
        };
        Apply(now);
    }

    private void Apply(Instant now)
    {
        if (!IsDown && IsSourceOpen && now >= _guardUntil)
        {
            IsDown = true;
        }
        else if (IsDown && !IsSourceOpen)
        {
            IsDown = false;
            // What is still held is the tail that the profile cuts.
            while (_count > 0) DropFirst();
        }

        // An echo is no beginning of a word.
        if (!IsDown && now < _guardUntil) while (_count > 0) DropFirst();
    }

    private void Keep(in RtpLegFrame frame, Instant now)
    {
        if (frame.Payload.Length > SlotBytes) return;
        if (_count == Slots) DropFirst();
        int at = (_first + _count++) % Slots;
        frame.Payload.CopyTo(_bytes.AsSpan(at * SlotBytes));
        _held[at] = new Held(frame.Payload.Length, frame.Timestamp, frame.Ssrc, frame.Marker || !_hasSource, now);
        _heldCodes += frame.Payload.Length;
        _hasSource = true;
    }

    private void ForgetBefore(int ms)
    {
        while (_count > 1 && _heldCodes > ms * (G711.SamplesPerSecond / 1_000)) DropFirst();
    }

    private void DropFirst()
    {
        _heldCodes -= _held[_first].Bytes;
        _first = (_first + 1) % Slots;
        _count--;
    }

    private readonly record struct Held(int Bytes, uint Timestamp, uint Ssrc, bool Marker, Instant At);
}
