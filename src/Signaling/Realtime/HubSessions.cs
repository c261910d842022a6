using System.Buffers;
using System.Collections.Concurrent;
using Comms.Media.Numbers;
using Comms.Signaling.Bridges;

namespace Comms.Signaling.Realtime;

/// <summary>Every hub connection of this node, and which of them want which channel's floor. Thread-safe.</summary>
public sealed class HubSessions(IFloorBridge floors)
{
    private readonly ConcurrentDictionary<string, HubSession> _byConnection = new();
    private readonly ConcurrentDictionary<SessionId, HubSession> _byVoice = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Audience> _audiences = [];

    public int Count => _byConnection.Count;

    /// <summary>Enumerated in place: twenty thousand are not copied.</summary>
    public IEnumerable<HubSession> All => _byConnection.Select(pair => pair.Value);

    public HubSession? Find(string connectionId) => _byConnection.GetValueOrDefault(connectionId);

    public HubSession? Find(SessionId voice) => _byVoice.GetValueOrDefault(voice);

    public void Add(HubSession session) => _byConnection[session.ConnectionId] = session;

    public HubSession? Remove(string connectionId) => _byConnection.TryRemove(connectionId, out HubSession? session) ? session : null;

    public void SetVoice(HubSession session, VoiceState? voice)
    {
        if (session.Voice is { } former) _byVoice.TryRemove(former.Session, out _);
        session.Voice = voice;
        if (voice is not null) _byVoice[voice.Session] = session;
    }

    /// <summary>How many sessions have the channel in their list.</summary>
    public int CountAudience(string channelId)
    {
        lock (_lock) return _audiences.TryGetValue(channelId, out Audience? audience) ? audience.Sessions.Count : 0;
    }

    /// <summary>The sessions whose channel list has this channel, in a pooled array that the caller returns.</summary>
    public HubSession[] RentAudience(string channelId, out int count)
    {
        lock (_lock)
        {
            count = 0;
            if (!_audiences.TryGetValue(channelId, out Audience? audience)) return [];
            HubSession[] rented = ArrayPool<HubSession>.Shared.Rent(audience.Sessions.Count);
            count = audience.Sessions.Count;
            audience.Sessions.CopyTo(rented);
            return rented;
        }
    }

    /// <summary>Remembers a session's channels; the first session of a channel makes this node watch its floor, the last ends it.</summary>
    public async Task SetChannelsAsync(HubSession session, HubChannel[] channels)
    {
        var former = session.Channels.Select(channel => channel.Id).ToHashSet();
        var present = channels.Select(channel => channel.Id).ToHashSet();
        session.Channels = channels;
        foreach (string channelId in former.Except(present)) Leave(session, channelId);
        await Task.WhenAll(present.Except(former).Select(channelId => Enter(session, channelId)));
    }

    private Task Enter(HubSession session, string channelId)
    {
        lock (_lock)
        {
            if (!_audiences.TryGetValue(channelId, out Audience? audience))
                _audiences[channelId] = audience = new Audience([], floors.WatchAsync(channelId));
            audience.Sessions.Add(session);
            return audience.Watched;
        }
    }

    private void Leave(HubSession session, string channelId)
    {
        lock (_lock)
        {
            if (!_audiences.TryGetValue(channelId, out Audience? audience)) return;
            audience.Sessions.Remove(session);
            if (audience.Sessions.Count > 0) return;
            _audiences.Remove(channelId);
            floors.Unwatch(channelId);
        }
    }

    /// <summary>The sessions of one channel; the task ends when this node knows the channel's floor.</summary>
    private sealed record Audience(HashSet<HubSession> Sessions, Task Watched);
}
