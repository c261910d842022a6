using Comms.Phones;
using Comms.Phones.Figures;

namespace Comms.Bench.Load;

/// <summary>./bench floor: everybody presses at once, again and again; exactly one may be granted each time.</summary>
internal static class FloorBench
{
    private const int Rounds = 20;

    public static async Task<int> RunAsync(string[] arguments)
    {
        int presses = Argument.Number(arguments, "--presses", 500);
        await using var server = await LoadServer.StartAsync(arguments);
        var accounts = await server.RehearseAsync("floor", presses, 1, 60);
        using var crowd = new Crowd(server, new PhoneFleet(server.FleetOptions(arguments), accounts));
        await crowd.EnterAsync();
        var grants = new Histogram();
        var decisions = new Histogram();
        int granted = 0, denied = 0;
        for (int round = 0; round < Rounds; round++)
        {
            PressReply[] replies = await Task.WhenAll(Enumerable.Range(0, presses).Select(crowd.Fleet.PressAsync));
            var winners = replies.Where(reply => reply.IsGranted).ToArray();
            if (winners.Length != 1) throw new LoadFault($"{winners.Length} of {presses} simultaneous presses were granted.");
            if (replies.FirstOrDefault(reply => !reply.IsGranted && reply.Cause != "anotherHasPermission") is { } odd)
                throw new LoadFault($"A press was denied for the cause {odd.Cause}.");
            grants.AddNs(winners[0].RepliedNs - winners[0].PressedNs);
            foreach (PressReply reply in replies) decisions.AddNs(reply.RepliedNs - reply.PressedNs);
            granted++;
            denied += presses - 1;
            int holder = Array.FindIndex(replies, reply => reply.IsGranted);
            crowd.Fleet.Release(holder);
            await WaitForFreeFloorAsync(crowd.Fleet, holder);
        }

        crowd.CheckAll();
        Figures.PrintJson(new
        {
            presses,
            rounds = Rounds,
            grants = granted,
            denials = denied,
            grant_ms = Percentiles(grants),
            decision_ms = Percentiles(decisions),
        });
        return 0;
    }

    // The former holder gets the floor again and gives it back: then it was free.
    private static async Task WaitForFreeFloorAsync(PhoneFleet fleet, int holder)
    {
        while (!(await fleet.PressAsync(holder)).IsGranted)
        {
            // Its release is on the way.
        }

        fleet.Release(holder);
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        await pause.WaitForNextTickAsync();
    }

    private static object Percentiles(Histogram times) => new
    {
        n = times.Count,
        p50 = Figures.Round(times.PercentileMs(0.5)),
        p95 = Figures.Round(times.PercentileMs(0.95)),
        p99 = Figures.Round(times.PercentileMs(0.99)),
    };
}
