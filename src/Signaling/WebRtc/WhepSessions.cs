using System.Collections.Concurrent;
using System.Security.Cryptography;
using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Signaling.Bridges;

namespace Comms.Signaling.WebRtc;

/// <summary>The viewing sessions of this node, from POST until DELETE or until media ends them. Thread-safe.</summary>
public sealed class WhepSessions : IDisposable
{
    /// <summary>128 random bits.</summary>
    private const int IdBytes = 16;

    private readonly ConcurrentDictionary<string, WhepSession> _byId = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<SessionId, string> _idByMedia = new();
    private readonly IMediaEvents _events;

    public WhepSessions(IMediaEvents events)
    {
        _events = events;
        _events.SessionEnded += OnSessionEnded;
    }

    public int Count => _byId.Count;

    public IEnumerable<WhepSession> All => _byId.Values;

    public WhepSession Add(SessionId media, string accountId, string cameraId, string remoteUfrag)
    {
        string id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes));
        string entityTag = $"\"{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes / 2))}\"";
        var session = new WhepSession(id, media, accountId, cameraId, entityTag, remoteUfrag);
        _byId[id] = session;
        _idByMedia[media] = id;
        return session;
    }

    /// <summary>The session of that URL if it is this account's, else null: a stranger does not learn that it exists.</summary>
    public WhepSession? Find(string id, string accountId) =>
        _byId.TryGetValue(id, out var session) && session.AccountId == accountId ? session : null;

    /// <summary>False when it was removed already.</summary>
    public bool Remove(WhepSession session)
    {
        _idByMedia.TryRemove(session.Media, out _);
        return _byId.TryRemove(session.Id, out _);
    }

    public void Dispose() => _events.SessionEnded -= OnSessionEnded;

    private void OnSessionEnded(SessionEnded ended)
    {
        if (_idByMedia.TryRemove(ended.Session, out string? id)) _byId.TryRemove(id, out _);
    }
}
