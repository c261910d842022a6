using Comms.Grains.Contracts;

namespace Comms.Grains.Events;

/// <summary>Where journal events are kept.</summary>
public interface IJournalStore
{
    /// <summary>Stores events in order and gives them ids that are larger than any before. Throws when the store is not reachable.</summary>
    Task AppendAsync(IReadOnlyList<JournalEvent> events);

    Task<IReadOnlyList<JournalEvent>> ReadAsync(long afterId, int limit);

    Task<IReadOnlyList<JournalEvent>> ReadLastAsync(int limit);
}
