using Comms.Grains.Channels;
using Comms.Grains.Contracts;
using Xunit;

namespace Comms.Grains.Tests.Channels;

/// <summary>A floor under test with its clock in seconds, one session per unit, and what it decided since last asked.</summary>
internal sealed class FloorBench
{
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static readonly FloorTerms Queueing = new(
        TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(3), 3, FloorPreemption.Priority, TimeSpan.Zero);

    private readonly FloorTerms _terms;
    private double _second;

    public FloorBench(FloorTerms terms)
    {
        _terms = terms;
        Floor = new FloorControl(terms, Start);
    }

    public FloorControl Floor { get; }

    public DateTimeOffset Now => Start.AddSeconds(_second);

    public string Holder => Floor.Holder?.UnitId ?? "";

    /// <summary>The waiting units, the next first: "b c".</summary>
    public string Waiting => string.Join(' ', Floor.Queue.Select(waiter => waiter.Party.UnitId));

    public FloorVerdict Request(string unit, int priority = 0, bool emergency = false) =>
        Floor.Request(new FloorBid(Party(unit), priority, emergency, new Actor("", unit, "test")), Now);

    public bool Release(string unit, long burst = 0, FloorReleaseCause cause = FloorReleaseCause.Released) =>
        Floor.Release(new FloorRelease(unit, "s1", burst, cause, new Actor("", unit, "test")), Now);

    public long RequestIdOf(string unit) => Floor.Queue.Single(waiter => waiter.Party.UnitId == unit).RequestId;

    /// <summary>Lets time pass as a living node would see it: timers fire when due, leases are renewed, unless it fell silent.</summary>
    public void Pass(double seconds, bool isNodeAlive = true)
    {
        double end = _second + seconds;
        while (_second < end)
        {
            _second = Math.Min(end, _second + 0.5);
            if (isNodeAlive)
            {
                Floor.Renew(Floor.BurstId, "n1", Now);
                Floor.RenewWaiting("n1", ["s1"], Now);
            }

            Floor.HandleTimeout(Now);
        }
    }

    /// <summary>The decisions since the last call, as the journal names them: "floor.granted a".</summary>
    public string[] Told()
    {
        var told = new List<string>();
        while (Floor.TryPollEvent(out FloorEvent? decision))
        {
            Assert.NotNull(decision);
            told.Add($"{Word(decision)} {decision.Party?.UnitId}".TrimEnd());
        }

        return [.. told];
    }

    public static FloorHolder Party(string unit) => new(unit, unit, "单位", "Unit", UnitService.Police, "n1", "s1");

    private static string Word(FloorEvent decision) => decision switch
    {
        FloorGranted => "granted",
        FloorDenied denied => $"denied {(int)denied.Cause}",
        FloorQueued queued => $"queued {queued.Position}",
        FloorDequeued dequeued => $"dequeued {dequeued.Cause}",
        FloorMoved moved => $"moved {moved.Position}",
        FloorRevoking revoking => $"revoking {(int)revoking.Cause}",
        FloorRevoked revoked => $"revoked {(int)revoked.Cause}",
        FloorReleased => "released",
        _ => "inactive",
    };
}
