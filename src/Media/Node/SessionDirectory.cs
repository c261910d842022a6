using System.Collections.Concurrent;
using Comms.Media.Numbers;

namespace Comms.Media.Node;

/// <summary>Every session of the node by id, which is also the routing id inside its ufrag. The only session state that loops share.</summary>
internal sealed class SessionDirectory(int maxSessions)
{
    private readonly ConcurrentDictionary<long, SessionEntry> _entries = new();
    private long _lastId;
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public IEnumerable<SessionEntry> Entries => _entries.Values;

    public SessionId NextId() => new(Interlocked.Increment(ref _lastId));

    /// <summary>False: the bound is reached.</summary>
    public bool TryAdd(SessionEntry entry)
    {
        if (Interlocked.Increment(ref _count) > maxSessions)
        {
            Interlocked.Decrement(ref _count);
            return false;
        }

        _entries[entry.Id.Value] = entry;
        return true;
    }

    public bool TryFind(long id, out SessionEntry entry) => _entries.TryGetValue(id, out entry!);

    public void Remove(SessionId id)
    {
        if (_entries.TryRemove(id.Value, out _)) Interlocked.Decrement(ref _count);
    }
}
