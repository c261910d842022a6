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
    private Instant _lastAt;
    private ushort _sequenceOffset;
    private uint _timestampOffset;
    private bool _isAnchored;
    private bool _hasSent;

    /// <summary>The latest timestamp sent and when: what a sender report says.</summary>
    public readonly (uint Timestamp, Instant At) Last => (_lastTimestamp, _lastAt);

    /// <summary>The next packet begins another stream, or continues one of which packets were left out for this receiver.</summary>
    public void Rebase() => _isAnchored = false;

    /// <summary>Gives a packet its number and timestamp here. <paramref name="marker"/> becomes true at a stream's beginning.</summary>
    public void Rewrite(ref ushort sequence, ref uint timestamp, ref bool marker, Instant now)
    {
        if (!_isAnchored) Anchor(sequence, timestamp, ref marker, now);
        sequence += _sequenceOffset;
        timestamp += _timestampOffset;
        if (_hasSent && (short)(sequence - _lastSequence) <= 0) return;
        _lastSequence = sequence;
        _lastTimestamp = timestamp;
        _lastAt = now;
        _hasSent = true;
    }

    private void Anchor(ushort sequence, uint timestamp, ref bool marker, Instant now)
    {
        uint elapsed = _hasSent ? (uint)Math.Max(ticksPerSecond / 50, now.UsSince(_lastAt) * ticksPerSecond / 1_000_000) : 0;
        _sequenceOffset = (ushort)(_lastSequence + 1 - sequence);
        _timestampOffset = _lastTimestamp + elapsed - timestamp;
        _isAnchored = true;
        marker = true;
    }
}
