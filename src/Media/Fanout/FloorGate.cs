using Comms.Media.Node;
using Comms.Media.Numbers;

namespace Comms.Media.Fanout;

/// <summary>
/// Decides for each packet of one session whether it is let into a channel. Closed by default; undecided while a request is
/// open (speech is kept); open for one burst until its lease ends, the talker falls silent, or it is closed. Sans-IO: time is
/// an argument, and the owner calls <see cref="TryExpire"/> at <see cref="NextDeadline"/>.
/// </summary>
public sealed class FloorGate(int talkerSilenceMs)
{
    /// <summary>A request that nobody decides in this time is given up: its speech would be too old.</summary>
    public const int UndecidedLimitMs = 10_000;

    private KeptSpeech? _kept;
    private Instant _undecidedUntil;
    private Instant _leaseUntil;
    private Instant _silentSince;
    private long _newestEpoch = long.MinValue;

    public GateState State { get; private set; }

    /// <summary>The channel asked for or talked in; null when closed.</summary>
    public string? ChannelId { get; private set; }

    /// <summary>The open burst; default unless open.</summary>
    public BurstId Burst { get; private set; }

    public long Epoch { get; private set; }

    /// <summary>Frames kept now.</summary>
    public int KeptCount => _kept?.Count ?? 0;

    /// <summary>When <see cref="TryExpire"/> must be called next.</summary>
    public Instant NextDeadline => State switch
    {
        GateState.Undecided => _undecidedUntil,
        GateState.Open => Instant.Min(_leaseUntil, _silentSince.AddMs(talkerSilenceMs)),
        _ => Instant.Never,
    };

    /// <summary>
    /// The session asked for the floor: keeps its speech from now on in <paramref name="memory"/>, which is the gate's until
    /// <see cref="TakeBackMemory"/>. An open gate stays open, because a repeated press keeps the burst.
    /// </summary>
    public bool TryBeginRequest(string channelId, KeptSpeech memory, Instant now)
    {
        if (State == GateState.Open) return false;
        memory.Clear();
        _kept = memory;
        ChannelId = channelId;
        State = GateState.Undecided;
        _undecidedUntil = now.AddMs(UndecidedLimitMs);
        return true;
    }

    /// <summary>
    /// Opens for a burst. False when the grant is of an older epoch than one seen before. Afterwards the owner sends what
    /// <see cref="TryTakeKept"/> yields; speech kept for a grant out of a queue is old and is discarded.
    /// </summary>
    public bool TryOpen(TalkGrant grant, Instant now)
    {
        if (grant.Epoch < _newestEpoch) return false;
        bool keepsSpeech = State == GateState.Undecided && !grant.FromQueue && ChannelId == grant.ChannelId;
        if (!keepsSpeech) _kept?.Clear();
        _newestEpoch = Epoch = grant.Epoch;
        ChannelId = grant.ChannelId;
        Burst = grant.Burst;
        State = GateState.Open;
        _leaseUntil = now.AddMs(grant.LeaseMs);
        _silentSince = now;
        return true;
    }

    /// <summary>False when that burst is not open here.</summary>
    public bool TryRenew(BurstId burst, int leaseMs, Instant now)
    {
        if (State != GateState.Open || Burst != burst) return false;
        _leaseUntil = now.AddMs(leaseMs);
        return true;
    }

    /// <summary>Shuts the gate and forgets kept speech. Harmless when closed.</summary>
    public void Close()
    {
        State = GateState.Closed;
        ChannelId = null;
        Burst = default;
        _kept?.Clear();
    }

    /// <summary>What becomes of a packet that the session sent now. A kept packet was copied.</summary>
    public GateVerdict Admit(ReadOnlySpan<byte> payload, uint timestamp, Instant now)
    {
        switch (State)
        {
            case GateState.Open when now < _leaseUntil:
                _silentSince = now;
                return GateVerdict.Forward;
            case GateState.Undecided:
                return _kept is not null && _kept.TryAdd(payload, timestamp, now) ? GateVerdict.Kept : GateVerdict.Drop;
            default:
                return GateVerdict.Drop;
        }
    }

    /// <summary>Kept speech, oldest first, once the gate is open; the payload is valid until the next call.</summary>
    public bool TryTakeKept(out ReadOnlySpan<byte> payload, out uint timestamp, out Instant arrivedAt)
    {
        if (State == GateState.Open && _kept is not null) return _kept.TryTake(out payload, out timestamp, out arrivedAt);
        payload = default;
        timestamp = 0;
        arrivedAt = default;
        return false;
    }

    /// <summary>The memory lent by <see cref="TryBeginRequest"/>, once it is not needed any more; null when none is held.</summary>
    public KeptSpeech? TakeBackMemory()
    {
        if (State == GateState.Undecided) return null;
        var memory = _kept;
        _kept = null;
        return memory;
    }

    /// <summary>Closes what has run out; true with the reason when an open gate shut. An undecided request is just given up.</summary>
    public bool TryExpire(Instant now, out GateCloseReason reason)
    {
        reason = GateCloseReason.LeaseExpired;
        if (now < NextDeadline) return false;
        bool wasOpen = State == GateState.Open;
        if (wasOpen && now < _leaseUntil) reason = GateCloseReason.TalkerSilent;
        Close();
        return wasOpen;
    }
}

/// <summary>Whether a session's speech passes.</summary>
public enum GateState
{
    Closed,

    /// <summary>A request is open: speech is kept.</summary>
    Undecided,
    Open,
}

/// <summary>What the gate does with one packet.</summary>
public enum GateVerdict
{
    Drop,
    Kept,
    Forward,
}
