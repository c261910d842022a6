using System.Diagnostics.Metrics;
using Comms.Grains.Contracts;
using Comms.Grains.Events;
using Comms.Grains.Tests.Cluster;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Comms.Grains.Tests.Events;

/// <summary>Appending never waits; what the store refuses is kept and tried again.</summary>
public sealed class JournalTests : IDisposable
{
    private readonly MemoryJournalStore _store = new();
    private readonly FakeTimeProvider _time = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public void Dispose() => _services.Dispose();

    [Fact]
    public async Task Events_are_kept_while_the_store_is_away_and_stored_in_order_afterwards()
    {
        using Journal journal = Make(1000);
        _store.IsAway = true;
        await journal.StartAsync(default);
        for (int i = 0; i < 50; i++)
        {
            journal.Append(Entry(i));
        }

        _store.IsAway = false;
        for (int i = 0; i < 1500 && _store.Events.Count < 50; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
            await WaitBrieflyAsync();
        }

        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"s{i}"), _store.Events.Select(entry => entry.Subject));
        await journal.StopAsync(default);
    }

    [Fact]
    public async Task Stopping_stores_what_waits()
    {
        using Journal journal = Make(1000);
        await journal.StartAsync(default);
        for (int i = 0; i < 700; i++)
        {
            journal.Append(Entry(i));
        }

        await journal.StopAsync(default);
        Assert.Equal(700, _store.Events.Count);
    }

    [Fact]
    public void Full_queue_drops_and_counts()
    {
        using Journal journal = Make(100);
        long dropped = 0;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "comms.grains.journal.dropped" && instrument.Meter.Scope == _services.GetRequiredService<IMeterFactory>())
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => dropped += value);
        listener.Start();
        for (int i = 0; i < 130; i++)
        {
            journal.Append(Entry(i));
        }

        Assert.Equal(30, dropped);
    }

    private static JournalEvent Entry(int number) => new(0, DateTimeOffset.UnixEpoch, "test", $"s{number}", Actor.System, "");

    private static async Task WaitBrieflyAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        await timer.WaitForNextTickAsync();
    }

    private Journal Make(int queueEvents) => new(
        _store, new JournalOptions { QueueEvents = queueEvents },
        new GrainInstruments(_services.GetRequiredService<IMeterFactory>()), _time, NullLogger<Journal>.Instance);
}
