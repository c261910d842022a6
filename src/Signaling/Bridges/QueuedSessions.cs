using Comms.Media.Numbers;

namespace Comms.Signaling.Bridges;

/// <summary>Which local sessions wait for the floor of which channel. Thread-safe.</summary>
internal sealed class QueuedSessions
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, HashSet<SessionId>> _byChannel = [];

    public void Add(string channelId, SessionId session)
    {
        lock (_lock)
        {
            if (!_byChannel.TryGetValue(channelId, out HashSet<SessionId>? waiting))
            {
                _byChannel[channelId] = waiting = [];
            }

            waiting.Add(session);
        }
    }

    public void Remove(string channelId, SessionId session)
    {
        lock (_lock)
        {
            if (_byChannel.TryGetValue(channelId, out HashSet<SessionId>? waiting) && waiting.Remove(session) && waiting.Count == 0)
            {
                _byChannel.Remove(channelId);
            }
        }
    }

    public SessionId[] In(string channelId)
    {
        lock (_lock)
        {
            return _byChannel.TryGetValue(channelId, out HashSet<SessionId>? waiting) ? [.. waiting] : [];
        }
    }

    public string[] Channels()
    {
        lock (_lock)
        {
            return [.. _byChannel.Keys];
        }
    }
}
