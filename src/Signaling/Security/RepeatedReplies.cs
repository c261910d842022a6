namespace Comms.Signaling.Security;

/// <summary>
/// Gives the same reply to a request repeated within a short time, because the first answer may have been lost on the way.
/// Thread-safe; bounded: beyond the capacity the oldest are forgotten.
/// </summary>
public sealed class RepeatedReplies<T>(TimeSpan keep)
{
    private const int Capacity = 20_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Task<T>> _replies = [];
    private readonly Queue<(string Key, DateTimeOffset At)> _order = [];

    public Task<T> GetAsync(string key, DateTimeOffset now, Func<Task<T>> make)
    {
        lock (_lock)
        {
            while (_order.TryPeek(out var oldest) && (now - oldest.At > keep || _order.Count >= Capacity))
                _replies.Remove(_order.Dequeue().Key);
            if (_replies.TryGetValue(key, out Task<T>? known) && !known.IsFaulted) return known;
            Task<T> reply = make();
            _replies[key] = reply;
            _order.Enqueue((key, now));
            return reply;
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            _replies.Clear();
            _order.Clear();
        }
    }
}
