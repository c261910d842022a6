using Comms.Grains.Contracts;
using Comms.Grains.Events;

namespace Comms.Grains.Tests.Cluster;

/// <summary>Keeps events in memory; can be told to fail.</summary>
internal sealed class MemoryJournalStore : IJournalStore
{
    private readonly Lock _lock = new();
    private readonly List<JournalEvent> _events = [];

    public bool IsAway { get; set; }

    public IReadOnlyList<JournalEvent> Events
    {
        get
        {
            lock (_lock)
            {
                return [.. _events];
            }
        }
    }

    public Task AppendAsync(IReadOnlyList<JournalEvent> events)
    {
        if (IsAway)
        {
            throw new TimeoutException("The store is away.");
        }

        lock (_lock)
        {
            _events.AddRange(events.Select((entry, at) => entry with { Id = _events.Count + at + 1 }));
        }

        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<JournalEvent>> ReadAsync(long afterId, int limit) =>
        Task.FromResult<IReadOnlyList<JournalEvent>>([.. Events.Where(entry => entry.Id > afterId).Take(limit)]);

    public Task<IReadOnlyList<JournalEvent>> ReadLastAsync(int limit) =>
        Task.FromResult<IReadOnlyList<JournalEvent>>([.. Events.Reverse().Take(limit)]);
}
