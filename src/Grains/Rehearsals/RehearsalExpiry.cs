using Comms.Grains.Contracts;
using Comms.Grains.Directory;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Comms.Grains.Rehearsals;

/// <summary>Ends the rehearsals whose time is over, those that a restart interrupted included. Every node looks; ending twice is harmless.</summary>
public sealed class RehearsalExpiry(DirectoryIndex index, IGrainFactory grains, TimeProvider time, ILogger<RehearsalExpiry> log)
    : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    public async Task EndExpiredAsync()
    {
        DateTimeOffset now = time.GetUtcNow();
        foreach (RehearsalDefinition rehearsal in index.Rehearsals.Where(rehearsal => rehearsal.EndsAt <= now))
        {
            await grains.GetGrain<IRehearsalGrain>(rehearsal.Id).End("expired", Actor.System);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await index.Ready.WaitAsync(stoppingToken);
            using var timer = new PeriodicTimer(Period, time);
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await TryEndAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    private async Task TryEndAsync()
    {
        try
        {
            await EndExpiredAsync();
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            // The store or another silo does not answer: the next look tries again.
            log.RehearsalNotEnded(fault.Message);
        }
    }
}
