using Comms.Media.Numbers;

namespace Comms.Media.Io;

/// <summary>Told when one of its timers is due.</summary>
public interface ILoopTimerOwner
{
    /// <summary>The timer is no longer armed when this is called; it may be armed again here.</summary>
    void OnTimer(LoopTimer timer, Instant now);
}

/// <summary>
/// One timer of a loop: an intrusive list node, so arming allocates nothing. Belongs to one loop's <see cref="TimerWheel"/>;
/// touched on that loop only. Due within 5 ms (one tick) after its deadline, never before it.
/// </summary>
public sealed class LoopTimer(ILoopTimerOwner owner, int tag = 0)
{
    internal LoopTimer? Previous;
    internal LoopTimer? Next;
    internal int Slot = -1;
    internal long DueTick;

    public ILoopTimerOwner Owner { get; } = owner;

    /// <summary>Tells an owner's timers apart.</summary>
    public int Tag { get; } = tag;

    public bool IsArmed => Slot >= 0;

    /// <summary>The armed deadline; <see cref="Instant.Never"/> when not armed.</summary>
    public Instant Deadline { get; internal set; } = Instant.Never;
}
