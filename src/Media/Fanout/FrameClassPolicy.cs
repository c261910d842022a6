using Comms.Media.Numbers;

namespace Comms.Media.Fanout;

/// <summary>
/// Chooses a channel's frame-duration class from its size and the node's load. Up: in one 20 ms step, 2 s or more apart, because a
/// longer jump in running speech is heard; at a burst's start at once to what the size asks for. Down: only at a burst's start, one
/// step each. Pure: size, load and time are arguments. One for each part of a channel, used by the loop of the talker.
/// </summary>
public sealed class FrameClassPolicy
{
    /// <summary>Processor time of one packet to one listener, protection included, measured on the reference machine.</summary>
    private const double SendUs = 4.5;

    /// <summary>What one channel's fan-out may take of all media loops: the rest is for STUN, RTCP, other channels and the control plane.</summary>
    private const double MaxShare = 0.4;

    /// <summary>A channel goes down only when a quarter more listeners would still fit the lower class.</summary>
    private const double Reserve = 1.25;

    /// <summary>From this size on a channel's own packets are a good part of a node's load, and it gives way early.</summary>
    private const int LargeChannel = 500;

    private const int LargeChannelHighPermille = 700;
    private const int SmallChannelHighPermille = 900;

    /// <summary>A lower class must not bring the node above this.</summary>
    private const int LowPermille = 450;

    /// <summary>A receiver's jitter buffer needs this long to settle after a step.</summary>
    private const int StepIntervalMs = 2_000;

    /// <summary>The load says nothing of a class before it has been in use this long.</summary>
    private const int LoadSettlesMs = 1_000;

    private Instant _changedAt;
    private bool _isMeasured;

    public int FrameMs { get; private set; } = FrameClass.ShortestMs;

    /// <summary>
    /// The highest load of this burst in its present class; until it is measured, what the last measure lets expect. In thousandths
    /// of the busiest loop's time.
    /// </summary>
    public int BurstPermille { get; private set; }

    /// <summary>A burst begins; <paramref name="frameMs"/> and <paramref name="burstPermille"/> are what the channel's last burst left, on whichever loop.</summary>
    public void BeginBurst(int frameMs, int burstPermille, in FrameDemand demand, Instant now)
    {
        BurstPermille = burstPermille;
        FrameMs = frameMs;
        int wanted = ClassFor(demand.Listeners, demand.Loops);
        if (wanted > frameMs) Change(wanted, now);
        else if (burstPermille >= HighPermille(demand)) Change(Up(frameMs), now);
        else Change(MayGoDown(demand) ? frameMs - FrameClass.StepMs : frameMs, now);
    }

    /// <summary>A packet of the running burst came. True: the class has gone up one step.</summary>
    public bool Observe(in FrameDemand demand, Instant now)
    {
        if (now.MsSince(_changedAt) < LoadSettlesMs) return false;
        BurstPermille = _isMeasured ? Math.Max(BurstPermille, demand.BusyPermille) : demand.BusyPermille;
        _isMeasured = true;
        bool isShort = FrameMs < ClassFor(demand.Listeners, demand.Loops) || demand.BusyPermille >= HighPermille(demand);
        if (!isShort || FrameMs == FrameClass.LongestMs || now.MsSince(_changedAt) < StepIntervalMs) return false;
        Change(Up(FrameMs), now);
        return true;
    }

    private void Change(int frameMs, Instant now)
    {
        BurstPermille = BurstPermille * FrameMs / frameMs;
        FrameMs = frameMs;
        _changedAt = now;
        _isMeasured = false;
    }

    private bool MayGoDown(in FrameDemand demand)
    {
        int lower = FrameMs - FrameClass.StepMs;
        if (lower < ClassFor((int)(demand.Listeners * Reserve), demand.Loops)) return false;
        return BurstPermille * FrameMs / lower <= LowPermille;
    }

    private static int ClassFor(int listeners, int loops)
    {
        int neededMs = (int)Math.Ceiling(listeners * SendUs / (1_000 * MaxShare * loops));
        return FrameClass.Nearest(neededMs + FrameClass.StepMs - 1);
    }

    private static int HighPermille(in FrameDemand demand) => demand.Listeners >= LargeChannel ? LargeChannelHighPermille : SmallChannelHighPermille;

    private static int Up(int frameMs) => Math.Min(frameMs + FrameClass.StepMs, FrameClass.LongestMs);
}

/// <summary>What a channel asks of the node.</summary>
/// <param name="Listeners">Browsers that hear the channel, on all loops.</param>
/// <param name="BusyPermille">Share of its wall time that the busiest media loop worked, in thousandths.</param>
/// <param name="Loops">Media loops that share the work.</param>
public readonly record struct FrameDemand(int Listeners, int BusyPermille, int Loops);
