using System.Collections.Concurrent;
using System.Security.Cryptography;
using Comms.Grains.Contracts;
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

    public WhepSession Add(PeerAnswer answer, string accountId, string cameraId, CameraProfile profile)
    {
        string id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes));
        var session = new WhepSession(id, answer.Session, accountId, cameraId, NewTag(), answer.RemoteUfrag, answer.Sections) { Profile = profile };
        _byId[id] = session;
        _idByMedia[answer.Session] = id;
        return session;
    }

    /// <summary>The session of that URL if it is this account's, else null: a stranger does not learn that it exists.</summary>
    public WhepSession? Find(string id, string accountId) =>
        _byId.TryGetValue(id, out var session) && session.AccountId == accountId ? session : null;

    /// <summary>After an ICE restart: another entity tag. Null: the session was removed or restarted meanwhile.</summary>
    public WhepSession? Restart(WhepSession session, string remoteUfrag)
    {
        var restarted = session with { EntityTag = NewTag(), RemoteUfrag = remoteUfrag };
        return _byId.TryUpdate(session.Id, restarted, session) ? restarted : null;
    }

    /// <summary>Notes the profile that is shown now.</summary>
    public void Show(WhepSession session, CameraProfile profile) => _byId.TryUpdate(session.Id, session with { Profile = profile }, session);

    /// <summary>False when it was removed already.</summary>
    public bool Remove(WhepSession session)
    {
        _idByMedia.TryRemove(session.Media, out _);
        return _byId.TryRemove(session.Id, out _);
    }

    public void Dispose() => _events.SessionEnded -= OnSessionEnded;

    private static string NewTag() => $"\"{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes / 2))}\"";

    private void OnSessionEnded(SessionEnded ended)
    {
        if (_idByMedia.TryRemove(ended.Session, out string? id)) _byId.TryRemove(id, out _);
    }
}
