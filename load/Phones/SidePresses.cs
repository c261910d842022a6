using Comms.Phones.Figures;

namespace Comms.Phones;

/// <summary>Presses in small channels beside the big one, at a steady pace whatever the answers take: how long a grant takes meanwhile.</summary>
public sealed class SidePresses(PhoneFleet fleet, IReadOnlyList<int> pressers, TimeSpan every)
{
    private readonly Lock _lock = new();

    public Histogram Grants { get; } = new();

    /// <summary>Presses that were denied: nobody else presses there.</summary>
    public int Denied { get; private set; }

    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(every);
        var pressing = new Task[pressers.Count];
        Array.Fill(pressing, Task.CompletedTask);
        for (int turn = 0; !stop.IsCancellationRequested; turn++)
        {
            await timer.WaitForNextTickAsync(CancellationToken.None);
            int presser = turn % pressers.Count;
            await pressing[presser];
            pressing[presser] = PressAsync(pressers[presser]);
        }

        await Task.WhenAll(pressing);
    }

    private async Task PressAsync(int phone)
    {
        PressReply reply = await fleet.PressAsync(phone);
        lock (_lock)
        {
            if (reply.IsGranted) Grants.AddNs(reply.RepliedNs - reply.PressedNs);
            else Denied++;
        }

        if (reply.IsGranted) fleet.Release(phone);
    }
}
