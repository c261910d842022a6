using System.Globalization;
using System.Text.Json;
using Comms.Grains.Contracts;
using StackExchange.Redis;

namespace Comms.Grains.Events;

/// <summary>
/// The journal in Redis or Garnet: a counter gives ids, and events lie in lists of <see cref="ChunkEvents"/> ids each, so
/// that any id's list is known without an index and the oldest go by deleting whole lists. Several nodes may write.
/// </summary>
public sealed class RedisJournalStore(Func<Task<IDatabase>> connect, JournalOptions options) : IJournalStore
{
    private const int ChunkEvents = 1024;
    private const string SequenceKey = "comms/journal/sequence";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public async Task AppendAsync(IReadOnlyList<JournalEvent> events)
    {
        IDatabase database = await connect();
        long lastId = await database.StringIncrementAsync(SequenceKey, events.Count);
        long firstId = lastId - events.Count + 1;
        var writes = new List<Task>();
        foreach (IGrouping<long, JournalEvent> chunk in events
            .Select((entry, at) => entry with { Id = firstId + at })
            .GroupBy(entry => ChunkOf(entry.Id)))
        {
            RedisValue[] values = [.. chunk.Select(entry => (RedisValue)JsonSerializer.SerializeToUtf8Bytes(entry, Json))];
            writes.Add(database.ListRightPushAsync(KeyOf(chunk.Key), values));
        }

        await Task.WhenAll(writes);
        if (ChunkOf(lastId) != ChunkOf(firstId - 1))
        {
            await database.KeyDeleteAsync(KeyOf(ChunkOf(lastId - options.KeepEvents) - 1));
        }
    }

    public async Task<IReadOnlyList<JournalEvent>> ReadAsync(long afterId, int limit)
    {
        IDatabase database = await connect();
        long lastId = (long)await database.StringGetAsync(SequenceKey);
        var found = new List<JournalEvent>();
        long oldest = Math.Max(0, lastId - options.KeepEvents - ChunkEvents);
        for (long chunk = ChunkOf(Math.Max(afterId + 1, oldest)); chunk <= ChunkOf(lastId) && found.Count < limit; chunk++)
        {
            found.AddRange((await ReadChunkAsync(database, chunk)).Where(entry => entry.Id > afterId));
        }

        return found.Count <= limit ? found : found[..limit];
    }

    public async Task<IReadOnlyList<JournalEvent>> ReadLastAsync(int limit)
    {
        IDatabase database = await connect();
        long lastId = (long)await database.StringGetAsync(SequenceKey);
        var found = new List<JournalEvent>();
        for (long chunk = ChunkOf(lastId); chunk >= 0 && found.Count < limit && lastId > 0; chunk--)
        {
            List<JournalEvent> events = await ReadChunkAsync(database, chunk);
            if (events.Count == 0 && lastId - (chunk * ChunkEvents) > options.KeepEvents)
            {
                break;
            }

            events.Reverse();
            found.AddRange(events);
        }

        return found.Count <= limit ? found : found[..limit];
    }

    private static long ChunkOf(long id) => Math.Max(0, id) / ChunkEvents;

    private static RedisKey KeyOf(long chunk) =>
        string.Create(CultureInfo.InvariantCulture, $"comms/journal/events/{chunk}");

    // Nodes that write at the same time may interleave; the ids put their events in order.
    private static async Task<List<JournalEvent>> ReadChunkAsync(IDatabase database, long chunk)
    {
        RedisValue[] values = await database.ListRangeAsync(KeyOf(chunk));
        return [.. values.Select(value => JsonSerializer.Deserialize<JournalEvent>((byte[])value!, Json)!).OrderBy(entry => entry.Id)];
    }
}
