using System.Threading.Channels;
using Comms.Grains.Contracts;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Comms.Grains.Events;

/// <summary>
/// Takes events without waiting and stores them in batches, in order. While the store is away events wait in the bounded
/// queue; above the bound they are dropped and counted. Stopping stores what waits.
/// </summary>
public sealed class Journal(
    IJournalStore store, JournalOptions options, GrainInstruments instruments, TimeProvider time, ILogger<Journal> log)
    : BackgroundService, IJournal
{
    private const int MaxBatchEvents = 500;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>How long stopping waits for the store to take what waits.</summary>
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(5);

    private readonly Channel<JournalEvent> _queue = Channel.CreateBounded<JournalEvent>(
        new BoundedChannelOptions(options.QueueEvents) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    public void Append(JournalEvent entry)
    {
        if (!_queue.Writer.TryWrite(entry))
        {
            instruments.JournalDropped();
        }
    }

    public Task<IReadOnlyList<JournalEvent>> Read(long afterId, int limit) => store.ReadAsync(afterId, limit);

    public Task<IReadOnlyList<JournalEvent>> ReadLast(int limit) => store.ReadLastAsync(limit);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Writer.TryComplete();
        try
        {
            await (ExecuteTask ?? Task.CompletedTask).WaitAsync(DrainLimit, time, cancellationToken);
        }
        catch (Exception limit) when (limit is TimeoutException or OperationCanceledException)
        {
            // The store is away: one last try follows, then what waits is lost and logged.
        }

        await base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var batch = new List<JournalEvent>(MaxBatchEvents);
        while (await _queue.Reader.WaitToReadAsync(CancellationToken.None))
        {
            while (batch.Count < MaxBatchEvents && _queue.Reader.TryRead(out JournalEvent? entry))
            {
                batch.Add(entry);
            }

            if (!await StoreAsync(batch, stoppingToken))
            {
                return;
            }

            batch.Clear();
        }
    }

    // The rim of the writer: whatever the store throws, the batch is kept and tried again until the server stops.
    private async Task<bool> StoreAsync(List<JournalEvent> batch, CancellationToken stopping)
    {
        bool isStalled = false;
        while (true)
        {
            try
            {
                await store.AppendAsync(batch);
                instruments.JournalWritten(batch.Count);
                if (isStalled)
                {
                    log.JournalResumed();
                }

                return true;
            }
            catch (Exception fault)
            {
                instruments.JournalFailed();
                int waiting = batch.Count + _queue.Reader.Count;
                if (stopping.IsCancellationRequested)
                {
                    log.JournalLost(waiting, fault.Message);
                    return false;
                }

                if (!isStalled)
                {
                    isStalled = true;
                    log.JournalStalled(waiting, fault.Message);
                }

                await WaitAsync(stopping);
            }
        }
    }

    private async Task WaitAsync(CancellationToken stopping)
    {
        try
        {
            using var timer = new PeriodicTimer(RetryDelay, time);
            await timer.WaitForNextTickAsync(stopping);
        }
        catch (OperationCanceledException)
        {
            // One more try follows at once, then the loop gives up.
        }
    }
}
