using Comms.Media.Numbers;
using Comms.Media.Wire.Ed137;

namespace Comms.Media.Session;

/// <summary>
/// One ED-137 session with a radio: what we ask of its transmitter, what it confirms, what its receiver hears, and whether it is
/// alive. Sans-IO: headers and time in; the header to send, changes and the next deadline out. Owned by one leg; allocates nothing.
/// </summary>
public sealed class RadioLink
{
    /// <summary>The quality of a received signal moves with every packet; it is told this often at the most.</summary>
    private const int QualityEveryMs = 1_000;

    private readonly RadioDescription _radio;
    private Instant _lastHeard;
    private Instant _lastSent;
    private Instant _qualityTold;
    private int _repeats;
    private bool _isEdge;
    private bool _isChanged;
    private RadioState _state;

    public RadioLink(RadioDescription radio, Instant now)
    {
        _radio = radio;
        _lastHeard = now;
        _lastSent = now.AddMs(-radio.KeepAlivePeriodMs);
        _qualityTold = now;
    }

    public RadioState State => _state;

    /// <summary>Nothing was heard for the agreed number of keep-alive periods: the session ends with WG67 cause 2001.</summary>
    public bool IsDead { get; private set; }

    /// <summary>Call <see cref="HandleTimeout"/> at this moment.</summary>
    public Instant NextDeadline => IsDead ? Instant.Never : Instant.Min(KeepAliveAt, DeadAt);

    public RadioHeaderForm Form => _radio.Form;

    /// <summary>The header that belongs on every packet sent now.</summary>
    public RadioHeader Outgoing => new() { Ptt = _state.Requested, PttId = _state.Requested == PttType.Off ? (byte)0 : _radio.PttId };

    /// <summary>A packet without sound must go out now: the keep-alive's time has come, or push-to-talk changed.</summary>
    public bool IsKeepAliveDue(Instant now) => !IsDead && now >= KeepAliveAt;

    private Instant DeadAt => _lastHeard.AddMs(_radio.SilenceLimitMs);

    // A change is told at once and, when push-to-talk went off, as often again as the radio asked.
    private Instant KeepAliveAt => _isEdge ? default : _lastSent.AddMs(_repeats > 0 ? 20 : _radio.KeepAlivePeriodMs);

    /// <summary>Asks for the transmitter, or with another type for more of it.</summary>
    public void Key(PttType type)
    {
        if (_state.Requested == type) return;
        _isEdge = true;
        _repeats = type == PttType.Off ? _radio.PttRepeats : 0;
        Set(_state with { Requested = type, IsConfirmed = false });
    }

    public void Unkey() => Key(PttType.Off);

    /// <summary>Any packet went out; it carried <see cref="Outgoing"/>.</summary>
    public void NoteSent(Instant now)
    {
        if (!_isEdge && _repeats > 0) _repeats--;
        _isEdge = false;
        _lastSent = now;
    }

    /// <summary>Takes the header of a packet of the radio. Every packet is a sign of life; one without our extension says nothing else.</summary>
    public void Handle(ushort profile, ReadOnlySpan<byte> words, Instant now)
    {
        _lastHeard = now;
        if (!RadioHeader.TryParse(profile, words, out RadioHeader header, out RadioFeatureReader features)) return;
        bool isOurs = _radio.PttId == 0 || header.PttId == _radio.PttId;
        bool isKeyed = header.Ptt != PttType.Off;
        RadioState next = _state with
        {
            IsConfirmed = _state.Requested != PttType.Off && isKeyed && isOurs,
            IsBlocked = isKeyed && !isOurs,
            HolderId = isKeyed ? header.PttId : (byte)0,
            IsSquelchOpen = header.IsSquelchOpen,
        };
        if (RadioFeatureReader.TryFindQuality(features, out SignalQuality quality)) next = WithQuality(next, quality, now);
        Set(next);
    }

    public void HandleTimeout(Instant now)
    {
        if (now >= DeadAt) IsDead = true;
    }

    /// <summary>The state, once after each change.</summary>
    public bool TryPollChange(out RadioState state)
    {
        state = _state;
        if (!_isChanged) return false;
        _isChanged = false;
        return true;
    }

    private RadioState WithQuality(in RadioState next, SignalQuality quality, Instant now)
    {
        bool isOpening = next.IsSquelchOpen && !_state.IsSquelchOpen;
        if (!isOpening && now.MsSince(_qualityTold) < QualityEveryMs) return next;
        _qualityTold = now;
        return next with { Quality = quality.Value, QualityMethod = quality.Method };
    }

    private void Set(in RadioState next)
    {
        if (next == _state) return;
        _state = next;
        _isChanged = true;
    }
}

/// <summary>What is known of a radio's transmitter and receiver.</summary>
public readonly record struct RadioState
{
    /// <summary>What we ask for.</summary>
    public PttType Requested { get; init; }

    /// <summary>The radio says that its transmitter is keyed by us.</summary>
    public bool IsConfirmed { get; init; }

    /// <summary>The receiver hears a carrier.</summary>
    public bool IsSquelchOpen { get; init; }

    /// <summary>Somebody else holds the transmitter.</summary>
    public bool IsBlocked { get; init; }

    /// <summary>The PTT id that holds the transmitter; 0 nobody's.</summary>
    public byte HolderId { get; init; }

    /// <summary>0 to 31, as the radio measured it last; see <see cref="SignalQuality"/>.</summary>
    public byte Quality { get; init; }

    public byte QualityMethod { get; init; }
}
