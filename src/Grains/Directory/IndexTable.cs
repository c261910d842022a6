using System.Collections.Concurrent;
using Comms.Grains.Contracts;

namespace Comms.Grains.Directory;

/// <summary>
/// The index of one kind: look-up by id, and pages in id order over a sorted snapshot that is made again after a
/// change when someone asks. Thread-safe; readers never wait.
/// </summary>
internal sealed class IndexTable<T>
    where T : class
{
    private readonly ConcurrentDictionary<string, T> _byId = new(StringComparer.Ordinal);
    private Snapshot _snapshot = new(-1, [], []);
    private long _version;

    public int Count => _byId.Count;

    public ICollection<string> Ids => _byId.Keys;

    /// <summary>In ordinal order.</summary>
    public IReadOnlyList<string> SortedIds => Sorted().Ids;

    public T? Find(string id) => _byId.GetValueOrDefault(id);

    /// <summary>True when it differs from what was known.</summary>
    public bool Set(string id, T value)
    {
        if (_byId.TryGetValue(id, out T? known) && known.Equals(value))
        {
            return false;
        }

        _byId[id] = value;
        Interlocked.Increment(ref _version);
        return true;
    }

    public bool Remove(string id)
    {
        if (!_byId.TryRemove(id, out _))
        {
            return false;
        }

        Interlocked.Increment(ref _version);
        return true;
    }

    /// <summary>The matching items after <paramref name="after"/> in ordinal id order; Total counts every match.</summary>
    public Page<TItem> Query<TItem>(string after, int limit, Func<T, bool> matches, Func<T, TItem> select)
    {
        (_, string[] ids, T[] items) = Sorted();
        var page = new List<TItem>(Math.Min(limit, 256));
        string? last = null;
        bool hasMore = false;
        int total = 0;
        for (int i = 0; i < items.Length; i++)
        {
            if (!matches(items[i]))
            {
                continue;
            }

            total++;
            if (string.CompareOrdinal(ids[i], after) <= 0)
            {
                continue;
            }

            if (page.Count < limit)
            {
                page.Add(select(items[i]));
                last = ids[i];
            }
            else
            {
                hasMore = true;
            }
        }

        return new Page<TItem>(page, hasMore ? last : null, total);
    }

    // The version is read before the items and raised after each change: a snapshot that missed a change is never current.
    private Snapshot Sorted()
    {
        long version = Interlocked.Read(ref _version);
        Snapshot known = Volatile.Read(ref _snapshot);
        if (known.Version == version)
        {
            return known;
        }

        // ToArray takes every lock; a spread would count first and enumerate later, and fail when an item came between.
        KeyValuePair<string, T>[] all = _byId.ToArray();
        string[] ids = Array.ConvertAll(all, pair => pair.Key);
        T[] items = Array.ConvertAll(all, pair => pair.Value);
        Array.Sort(ids, items, StringComparer.Ordinal);
        var made = new Snapshot(version, ids, items);
        Volatile.Write(ref _snapshot, made);
        return made;
    }

    private sealed record Snapshot(long Version, string[] Ids, T[] Items);
}
