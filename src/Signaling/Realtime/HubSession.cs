using Comms.Grains.Contracts;
using Comms.Media.Numbers;
using Comms.Signaling.Bridges;
using Comms.Signaling.Security;

namespace Comms.Signaling.Realtime;

/// <summary>
/// One hub connection after its hello: who it is, its voice session, and what it waits for. Hub methods of one connection
/// run one after the other; the members that other threads read are volatile or thread-safe.
/// </summary>
public sealed class HubSession(string connectionId, IHubLink link, AccountIdentity identity)
{
    private long _expiresAtMs = identity.ExpiresAt.ToUnixTimeMilliseconds();
    private long _issuedAtMs = identity.IssuedAt.ToUnixTimeMilliseconds();
    private volatile VoiceState? _voice;
    private volatile HubChannel[] _channels = [];
    private volatile bool _watchesCameras;
    private volatile bool _watchesQueues;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _isClosing;

    public string ConnectionId { get; } = connectionId;

    public IHubLink Link { get; } = link;

    public HubOutbox Outbox { get; } = new();

    public string AccountId { get; } = identity.Caller.Account.Id;

    /// <summary>The page that connected, as it names itself; for the debug page.</summary>
    public string Page { get; init; } = "";

    public Actor Actor { get; } = identity.Caller.ActorVia("hub");

    public string UnitId => Actor.UnitId;

    /// <summary>When the newest token of this connection ends.</summary>
    public DateTimeOffset ExpiresAt => DateTimeOffset.FromUnixTimeMilliseconds(Interlocked.Read(ref _expiresAtMs));

    /// <summary>When the newest token of this connection was issued: a later sign-out ends the connection.</summary>
    public DateTimeOffset TokenIssuedAt => DateTimeOffset.FromUnixTimeMilliseconds(Interlocked.Read(ref _issuedAtMs));

    public VoiceState? Voice
    {
        get => _voice;
        set => _voice = value;
    }

    /// <summary>The channels last told to the client.</summary>
    public HubChannel[] Channels
    {
        get => _channels;
        set => _channels = value;
    }

    public bool WatchesCameras
    {
        get => _watchesCameras;
        set => _watchesCameras = value;
    }

    public bool WatchesQueues
    {
        get => _watchesQueues;
        set => _watchesQueues = value;
    }

    /// <summary>The connection lives as long as the newest token it was shown.</summary>
    public void Renew(AccountIdentity fresh)
    {
        if (fresh.ExpiresAt <= ExpiresAt) return;
        Interlocked.Exchange(ref _expiresAtMs, fresh.ExpiresAt.ToUnixTimeMilliseconds());
        Interlocked.Exchange(ref _issuedAtMs, fresh.IssuedAt.ToUnixTimeMilliseconds());
    }

    /// <summary>Completes when the connection is gone.</summary>
    public Task Ended => _ended.Task;

    public void End() => _ended.TrySetResult();

    /// <summary>True for the one that may close the connection.</summary>
    public bool TryBeginClosing() => Interlocked.Exchange(ref _isClosing, 1) == 0;

    /// <summary>This connection's voice in a channel; null without a voice session.</summary>
    public FloorParty? Party(string channelId) =>
        Voice is { } voice ? new FloorParty(channelId, UnitId, voice.Session, Actor) : null;
}

/// <summary>A connection's voice session.</summary>
public sealed record VoiceState(SessionId Session);
