using Comms.Media.Fanout;
using Comms.Media.Ice;
using Comms.Media.Io;
using Comms.Media.Numbers;

namespace Comms.Media.Node;

/// <summary>What a browser session and a plain-RTP leg have in common on their loop: listening, talking, one timer, an end.</summary>
internal abstract class LoopSession : ILoopTimerOwner
{
    private readonly LoopTimer _timer;
    private Talker? _talker;

    protected LoopSession(SessionEntry entry, MediaLoop loop)
    {
        Entry = entry;
        Loop = loop;
        _timer = new LoopTimer(this);
    }

    public SessionEntry Entry { get; }

    public SessionId Session => Entry.Id;

    public MediaLoop Loop { get; }

    public bool IsEnded { get; private set; }

    protected Talker? Talker => _talker;

    /// <summary>"webrtc" or "rtp".</summary>
    protected abstract string Kind { get; }

    protected abstract VoiceFrameKind TalkKind { get; }

    protected abstract int TalkerSilenceMs { get; }

    protected abstract Instant MediaDeadline { get; }

    /// <summary>False: there is no such slot.</summary>
    public abstract bool Listen(int slot, VoiceChannel channel, Instant now);

    public abstract bool StopListening(int slot);

    /// <summary>Answers checks with other credentials from now on. False: the session has no ICE.</summary>
    public virtual bool RestartIce(IceCredentials local, IceCredentials remote, Instant now) => false;

    /// <summary>False: the session does not publish.</summary>
    public virtual bool Publish(string cameraId, Instant now) => false;

    /// <summary>False: the session has no video section.</summary>
    public virtual bool View(string cameraId, Instant now) => false;

    public bool BeginRequest(string channelId, Instant now)
    {
        _talker ??= MakeTalker();
        _talker.BeginRequest(channelId, now);
        Rearm(now);
        return true;
    }

    public bool OpenGate(TalkGrant grant, Instant now)
    {
        _talker ??= MakeTalker();
        bool opened = _talker.Open(grant, Loop.ChannelOf(grant.ChannelId), now);
        Rearm(now);
        return opened;
    }

    public bool RenewGate(BurstId burst, int leaseMs, Instant now) => _talker?.Renew(burst, leaseMs, now) ?? false;

    public bool CloseGate(Instant now)
    {
        _talker?.Close(now);
        return true;
    }

    public void OnTimer(LoopTimer timer, Instant now)
    {
        HandleMediaTimeout(now);
        if (IsEnded) return;
        if (_talker is not null && _talker.TryExpire(now, out var closed)) Loop.Node.Publish(closed);
        Rearm(now);
    }

    /// <summary>Ends the session once: leaves everything, tells signaling. On its loop.</summary>
    public void End(SessionEndReason reason, Instant now)
    {
        if (IsEnded) return;
        IsEnded = true;
        if (_talker is { Gate.State: GateState.Open } open)
            Loop.Node.Publish(new GateClosed(Session, open.Gate.ChannelId ?? "", open.Gate.Burst, GateCloseReason.SessionEnded));
        _talker?.Close(now);
        Loop.Events.Timers.Cancel(_timer);
        Release(now);
        Loop.Forget(this);
        Loop.Node.OnSessionEnded(Entry, reason);
    }

    public SessionSnapshot Snapshot() => new(
        Session.ToString(), Entry.Owner, Kind, StateName, Loop.Events.Index, PacketsReceived, PacketsSent, [.. ListensTo],
        _talker is { Gate.State: GateState.Open } talker ? talker.Gate.ChannelId : null);

    /// <summary>The talking channel and burst, for the channel's snapshot.</summary>
    public (string Channel, BurstId Burst)? Talks =>
        _talker is { Gate: { State: GateState.Open, ChannelId: { } channel } gate } ? (channel, gate.Burst) : null;

    protected abstract string StateName { get; }

    protected abstract long PacketsReceived { get; }

    protected abstract long PacketsSent { get; }

    protected abstract IEnumerable<string> ListensTo { get; }

    protected abstract void HandleMediaTimeout(Instant now);

    /// <summary>Gives back sockets, keys and places in channels.</summary>
    protected abstract void Release(Instant now);

    /// <summary>A timer that is armed for an earlier moment stays: when it fires it finds the later deadline.</summary>
    protected void Rearm(Instant now)
    {
        if (IsEnded) return;
        var deadline = Instant.Min(MediaDeadline, _talker?.NextDeadline ?? Instant.Never);
        if (_timer.IsArmed && _timer.Deadline <= deadline) return;
        Loop.Events.Timers.Arm(_timer, deadline);
    }

    private Talker MakeTalker() => new(Session, TalkKind, TalkerSilenceMs, Loop.KeptSpeech, Loop.Drops);
}
