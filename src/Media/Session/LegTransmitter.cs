using Comms.Media.Node;
using Comms.Media.Numbers;

namespace Comms.Media.Session;

/// <summary>
/// The sending half of a gateway: keys its transmitter as soon as the floor is taken, holds the speech until the transmitter is up,
/// gives it out at its own pace, and unkeys behind the last of it or at the talk limit. Sans-IO. Owned by one leg; allocates nothing
/// per packet.
/// </summary>
public sealed class LegTransmitter(RtpLegGateway gateway)
{
    private const int FrameMs = 20;

    /// <summary>20 ms of codes, which is what a channel gives its legs.</summary>
    private const int SlotBytes = 160;

    /// <summary>1.28 s: the longest pre-roll and some.</summary>
    private const int Slots = 64;

    /// <summary>Keyed, and not a word: the talker's own gate has shut long before.</summary>
    private const int MuteLimitMs = 5_000;

    private readonly byte[] _bytes = new byte[Slots * SlotBytes];
    private readonly Held[] _held = new Held[Slots];
    private int _first;
    private int _count;
    private bool _isEnding;
    private bool _isLimited;
    private bool _hasSpoken;
    private Instant _keyedAt;
    private Instant _lastAdded;
    private Instant _releaseAt;
    private Instant _nextAt;
    private bool _isTold;

    /// <summary>The transmitter is asked for.</summary>
    public bool IsKeyed { get; private set; }

    /// <summary>Talk bursts that were cut at the limit.</summary>
    public int LimitsReached { get; private set; }

    public Instant NextDeadline =>
        IsKeyed ? Instant.Min(_count > 0 ? Later(_releaseAt, _nextAt) : EndAt, LimitAt) : Instant.Never;

    private Instant EndAt => !_hasSpoken && !_isEnding ? _keyedAt.AddMs(MuteLimitMs) : _lastAdded.AddMs(gateway.HangMs);

    private Instant LimitAt => gateway.TalkLimitMs > 0 ? _keyedAt.AddMs(gateway.TalkLimitMs) : Instant.Never;

    /// <summary>The floor of the channel is taken by somebody else: the transmitter is keyed before the first word is here.</summary>
    public void Begin(Instant now)
    {
        _isEnding = _isLimited = false;
        if (IsKeyed) return;
        IsKeyed = true;
        _hasSpoken = false;
        _keyedAt = _lastAdded = _nextAt = now;
        _releaseAt = now.AddMs(gateway.PreRollMs);
    }

    /// <summary>The floor is given back; what is on its way is still sent.</summary>
    public void End(Instant now)
    {
        _isEnding = true;
        if (!_hasSpoken) _lastAdded = now;
    }

    /// <summary>The radio says that its transmitter is up.</summary>
    public void Confirm(Instant now)
    {
        if (now < _releaseAt) _releaseAt = now;
    }

    /// <summary>Takes 20 ms. False: the talk limit is reached, or it is longer than a frame.</summary>
    public bool Add(ReadOnlySpan<byte> codes, uint timestamp, bool marker, Instant now)
    {
        if (_isLimited || codes.Length > SlotBytes) return false;
        if (!IsKeyed) Begin(now);
        bool isRoom = _count < Slots;
        if (!isRoom) DropFirst();
        int at = (_first + _count++) % Slots;
        codes.CopyTo(_bytes.AsSpan(at * SlotBytes));
        _held[at] = new Held(codes.Length, timestamp, marker || !_hasSpoken);
        _hasSpoken = true;
        _lastAdded = now;
        return isRoom;
    }

    /// <summary>The next 20 ms, if the transmitter is up and their turn has come. Valid until the next call.</summary>
    public bool TryTake(Instant now, out ReadOnlySpan<byte> codes, out uint timestamp, out bool marker)
    {
        codes = default;
        (timestamp, marker) = (0, false);
        if (_count == 0 || now < _releaseAt || now < _nextAt) return false;
        Held held = _held[_first];
        codes = _bytes.AsSpan(_first * SlotBytes, held.Bytes);
        (timestamp, marker) = (held.Timestamp, held.Marker);
        DropFirst();
        // A frame that comes when none waits goes out with it, a little early or late as it came.
        _nextAt = _count > 0 ? Later(_nextAt.AddMs(FrameMs), now.AddMs(FrameMs / 2)) : now.AddMs(FrameMs / 2);
        return true;
    }

    public void HandleTimeout(Instant now)
    {
        if (IsKeyed && now >= LimitAt)
        {
            LimitsReached++;
            _isLimited = true;
            Stop();
        }

        if (IsKeyed && _count == 0 && now >= EndAt) Stop();
    }

    /// <summary>The next edge of the key.</summary>
    public bool TryPollKey(out bool isKeyed)
    {
        isKeyed = IsKeyed;
        if (_isTold == IsKeyed) return false;
        _isTold = IsKeyed;
        return true;
    }

    private void Stop()
    {
        IsKeyed = false;
        (_first, _count) = (0, 0);
    }

    private void DropFirst()
    {
        _first = (_first + 1) % Slots;
        _count--;
    }

    private static Instant Later(Instant a, Instant b) => a > b ? a : b;

    private readonly record struct Held(int Bytes, uint Timestamp, bool Marker);
}
