using Comms.Media.Numbers;

namespace Comms.Media.Session;

/// <summary>
/// Whether one stream to one listener carries each packet twice (RFC 2198): on above 5 % reported loss, off after two reports below
/// 2 %, never twice within ten seconds. It remembers from which number on, because a packet that is sent again must be the same bytes.
/// </summary>
public struct RedundancySwitch
{
    /// <summary>Of 256: 5 %.</summary>
    private const int OnAbove = 13;

    /// <summary>Of 256: 2 %. Redundancy does not change what the receiver reports, since loss is counted before repair.</summary>
    private const int OffBelow = 5;

    private const int QuietReports = 2;

    /// <summary>Longer than the history of the longest packets, so that at most one change lies within what may be sent again.</summary>
    private const int MinIntervalMs = 10_000;

    /// <summary>A report on fewer packets says nothing.</summary>
    private const int MinPackets = 8;

    /// <summary>Far more than the history; then numbers before the change can no longer be asked for.</summary>
    private const int SettledAhead = 1_000;

    private Instant _changedAt;
    private uint _reportedSequence;
    private ushort _changedSequence;
    private bool _hasChange;
    private byte _quietReports;

    public bool IsOn { get; private set; }

    /// <summary>No packet that may still be sent, or sent again, carries the one before.</summary>
    public readonly bool IsSettledOff => !IsOn && !_hasChange;

    /// <summary>
    /// Takes a receiver report on this stream: loss in 1/256 and the extended highest sequence number received.
    /// <paramref name="nextSequence"/> is the number of the stream's next packet.
    /// </summary>
    public void OnReport(byte fractionLost, uint highestSequence, ushort nextSequence, Instant now)
    {
        uint packets = highestSequence - _reportedSequence;
        if (packets < MinPackets) return;
        _reportedSequence = highestSequence;
        _quietReports = fractionLost < OffBelow ? (byte)Math.Min(_quietReports + 1, QuietReports) : (byte)0;
        bool wanted = IsOn ? _quietReports < QuietReports : fractionLost >= OnAbove;
        if (wanted == IsOn || (_changedAt != default && now.MsSince(_changedAt) < MinIntervalMs)) return;
        IsOn = wanted;
        _changedAt = now;
        _changedSequence = nextSequence;
        _hasChange = true;
        _quietReports = 0;
    }

    /// <summary>Whether the packet of that number, one of the last thousand or the next, is sent with redundancy.</summary>
    public bool IsOnAt(ushort sequence)
    {
        if (!_hasChange) return IsOn;
        int ahead = (short)(sequence - _changedSequence);
        if (ahead > SettledAhead) _hasChange = false;
        return ahead >= 0 ? IsOn : !IsOn;
    }
}
