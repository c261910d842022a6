using Comms.Media.Numbers;

namespace Comms.Media.Wire.TelephoneEvent;

/// <summary>
/// Turns the redundant packets of RFC 4733 §2.5 into one down edge and one up edge per key press, whatever is lost,
/// doubled or reordered. Sans-IO: one <c>Handle</c> call, then drain <see cref="TryPollKey"/>. Owned by one leg.
/// </summary>
public sealed class TelephoneEventReceiver
{
    /// <summary>
    /// A key whose packets stop is taken as released after this time. Senders repeat every 20 to 50 ms, so six or more
    /// packets in a row are lost by then; a shorter time would release a radio's transmit key on a loss burst.
    /// </summary>
    private const int LostEndMs = 300;

    /// <summary>A longer press continues in a new segment whose timestamp is this many ticks later. RFC 4733 §2.5.1.3.</summary>
    private const uint SegmentTicks = 0xFFFF;

    /// <summary>Two presses' edges at the most come out of one input: up of the old, down and up of the new.</summary>
    private const int MaxPendingKeys = 4;

    private readonly TelephoneKey[] _pending = new TelephoneKey[MaxPendingKeys];
    private int _pendingHead;
    private int _pendingCount;
    private bool _hasEvent;
    private bool _isDown;
    private byte _code;
    private uint _timestamp;
    private Instant _releaseAt = Instant.Never;

    /// <summary>When a held key is given up, <see cref="Instant.Never"/> while none is held.</summary>
    public Instant NextDeadline => _isDown ? _releaseAt : Instant.Never;

    /// <summary>
    /// Takes one payload with the timestamp of its RTP packet. False: it is no key, or it repeats or predates what is known.
    /// </summary>
    public bool Handle(ReadOnlySpan<byte> payload, uint timestamp, Instant now)
    {
        if (!TelephoneEventPayload.TryParse(payload, out TelephoneEventPayload value)) return false;
        if (value.Code > TelephoneEventPayload.LastKey) return false;
        if (!_hasEvent || IsNewPress(value, timestamp)) return Begin(value, timestamp, now);
        if (value.Code != _code || !_isDown) return false;
        if (timestamp != _timestamp && timestamp != _timestamp + SegmentTicks) return false;
        _timestamp = timestamp;
        if (value.IsEnd) Release();
        else _releaseAt = now.AddMs(LostEndMs);
        return true;
    }

    /// <summary>Releases a held key whose packets have stopped.</summary>
    public void HandleTimeout(Instant now)
    {
        if (_isDown && now >= _releaseAt) Release();
    }

    /// <summary>Releases a held key and forgets its timestamps: the sender changed its SSRC.</summary>
    public void Reset()
    {
        if (_isDown) Release();
        _hasEvent = false;
    }

    /// <summary>The next edge, in order.</summary>
    public bool TryPollKey(out TelephoneKey key)
    {
        key = default;
        if (_pendingCount == 0) return false;
        key = _pending[_pendingHead];
        _pendingHead = (_pendingHead + 1) % MaxPendingKeys;
        _pendingCount--;
        return true;
    }

    // A later timestamp is a new press unless it is the next segment of the held one. A packet of an earlier press that
    // was overtaken has an earlier timestamp and is ignored.
    private bool IsNewPress(in TelephoneEventPayload value, uint timestamp)
    {
        if ((int)(timestamp - _timestamp) <= 0) return false;
        return !(_isDown && value.Code == _code && timestamp == _timestamp + SegmentTicks);
    }

    private bool Begin(in TelephoneEventPayload value, uint timestamp, Instant now)
    {
        if (_isDown) Release();
        _hasEvent = true;
        _isDown = true;
        _code = value.Code;
        _timestamp = timestamp;
        _releaseAt = now.AddMs(LostEndMs);
        Enqueue(new TelephoneKey(_code, true));
        if (value.IsEnd) Release();
        return true;
    }

    private void Release()
    {
        _isDown = false;
        Enqueue(new TelephoneKey(_code, false));
    }

    private void Enqueue(TelephoneKey key)
    {
        // An owner that does not drain loses the oldest edge; a drained queue never fills.
        if (_pendingCount == MaxPendingKeys)
        {
            _pendingHead = (_pendingHead + 1) % MaxPendingKeys;
            _pendingCount--;
        }

        _pending[(_pendingHead + _pendingCount) % MaxPendingKeys] = key;
        _pendingCount++;
    }
}
