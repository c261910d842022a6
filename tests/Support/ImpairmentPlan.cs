namespace Comms.Support;

/// <summary>
/// The fate of each packet of one direction, from a seed alone: the same seed gives the same packets lost, late, twice or out
/// of order. Pure: time is an argument in milliseconds, and nothing is sent here.
/// </summary>
public sealed class ImpairmentPlan(ulong seed)
{
    private SeededRandom _random = new(seed);
    private bool _isLosing;
    private double _lastDueMs = double.NegativeInfinity;

    /// <summary>
    /// When the copies of the next packet, which came in at <paramref name="nowMs"/>, arrive: none, one or two. Every packet draws
    /// the same number of random numbers, so that changing one share leaves the fates by the others as they were.
    /// </summary>
    public ArrivalTimes Next(Impairment link, double nowMs)
    {
        double fate = Draw(), jitter = Draw(), reorder = Draw(), duplicate = Draw();
        _isLosing = fate < (_isLosing ? StayChance(link) : EnterChance(link));
        if (_isLosing) return default;
        double due = Math.Max(_lastDueMs, nowMs + link.DelayMs + jitter * link.JitterMs);
        bool isHeld = reorder < link.Reorder;
        if (!isHeld) _lastDueMs = due;
        double arrives = isHeld ? due + link.ReorderMs : due;
        return new ArrivalTimes(duplicate < link.Duplicate ? 2 : 1, arrives);
    }

    /// <summary>The chance to begin losing that makes the share of lost packets the one asked for.</summary>
    private static double EnterChance(Impairment link) =>
        link.MeanLossBurst <= 1 ? link.Loss : link.Loss / (link.MeanLossBurst * (1 - link.Loss));

    private static double StayChance(Impairment link) => link.MeanLossBurst <= 1 ? link.Loss : 1 - 1 / link.MeanLossBurst;

    private double Draw() => (_random.NextUInt64() >> 11) * (1.0 / (1UL << 53));
}

/// <summary>How many copies of a packet arrive, and when. None: it is lost.</summary>
public readonly record struct ArrivalTimes(int Copies, double AtMs);
