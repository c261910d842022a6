using Comms.Media.Numbers;

namespace Comms.Media.Session;

/// <summary>
/// Carries streams, one after another, under one SSRC: sequence numbers run on without a gap from stream to stream, and the
/// timestamp advances by the time that passed in between. RFC 3550 §5.1. Order and gaps inside a stream are kept.
/// </summary>
public struct SequenceRewriter(ushort firstSequence, uint firstTimestamp, int ticksPerSecond)
{
    private ushort _lastSequence = (ushort)(firstSequence - 1);
    private uint _lastTimestamp = firstTimestamp;
    private int _lastTicks;
    private Instant _lastAt;
    private ushort _sequenceOffset;
    private uint _timestampOffset;
    private int _sinceAnchor;
    private bool _isAnchored;
    private bool _hasSent;

    /// <summary>The latest timestamp sent and when: what a sender report says.</summary>
    public readonly (uint Timestamp, Instant At) Last => (_lastTimestamp, _lastAt);

    /// <summary>The number of the next packet that follows without a gap.</summary>
    public readonly ushort NextSequence => (ushort)(_lastSequence + 1);

    /// <summary>The next packet begins another stream, or continues one of which packets were left out for this receiver.</summary>
    public void Rebase() => _isAnchored = false;

    /// <summary>
    /// Gives a packet of <paramref name="ticks"/> its number and timestamp here. <paramref name="marker"/> becomes true at a stream's beginning.
    /// False: it is older than the stream's beginning here; its number belongs to what was sent before, and must not be used for
    /// other bytes (SRTP).
    /// </summary>
    public bool Rewrite(ref ushort sequence, ref uint timestamp, ref bool marker, int ticks, Instant now)
    {
        if (!_isAnchored) Anchor(sequence, timestamp, ref marker, now);
        sequence += _sequenceOffset;
        timestamp += _timestampOffset;
        short ahead = (short)(sequence - _lastSequence);
        if (_hasSent && ahead <= 0) return -ahead < _sinceAnchor;
        _sinceAnchor = Math.Min(_sinceAnchor + ahead, short.MaxValue);
        _lastSequence = sequence;
        _lastTimestamp = timestamp;
        _lastTicks = ticks;
        _lastAt = now;
        _hasSent = true;
        return true;
    }

    /// <summary>
    /// Finds the source's number and this receiver's timestamp offset of a packet sent before, so that it can be sent again
    /// byte for byte. False: never sent, or sent before the latest <see cref="Rebase"/>.
    /// </summary>
    public readonly bool TryFindSource(ushort sequence, out ushort sourceSequence, out uint timestampOffset, out bool isFirst)
    {
        int behind = (short)(_lastSequence - sequence);
        sourceSequence = (ushort)(sequence - _sequenceOffset);
        timestampOffset = _timestampOffset;
        isFirst = IsFirst(sequence);
        return _isAnchored && behind >= 0 && behind < _sinceAnchor;
    }

    /// <summary>Whether a packet sent before, or just now, is the one that its stream began with here.</summary>
    public readonly bool IsFirst(ushort sequence) =>
        _sinceAnchor < short.MaxValue && (short)(_lastSequence - sequence) == _sinceAnchor - 1;

    private void Anchor(ushort sequence, uint timestamp, ref bool marker, Instant now)
    {
        uint elapsed = _hasSent ? (uint)Math.Max(_lastTicks, now.UsSince(_lastAt) * ticksPerSecond / 1_000_000) : 0;
        _sequenceOffset = (ushort)(_lastSequence + 1 - sequence);
        _timestampOffset = _lastTimestamp + elapsed - timestamp;
        _sinceAnchor = 0;
        _isAnchored = true;
        marker = true;
    }
}
