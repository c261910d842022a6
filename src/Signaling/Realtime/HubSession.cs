using Comms.Grains.Contracts;
using Comms.Media.Numbers;
using Comms.Signaling.Bridges;
using Comms.Signaling.Security;

namespace Comms.Signaling.Realtime;

/// <summary>
/// One hub connection after its hello: who it is, its voice session, and what it waits for. Hub methods of one connection
/// run one after the other; the members that other threads read are volatile or thread-safe.
/// </summary>
public sealed class HubSession(string connectionId, IHubLink link, Caller caller, DateTimeOffset expiresAt)
{
    private long _expiresAtMs = expiresAt.ToUnixTimeMilliseconds();
    private volatile VoiceState? _voice;
    private volatile HubChannel[] _channels = [];
    private volatile bool _watchesCameras;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _isClosing;

    public string ConnectionId { get; } = connectionId;

    public IHubLink Link { get; } = link;

    public HubOutbox Outbox { get; } = new();

    public string AccountId { get; } = caller.Account.Id;

    /// <summary>The page that connected, as it names itself; for the debug page.</summary>
    public string Page { get; init; } = "";

    public Actor Actor { get; } = caller.ActorVia("hub");

    public string UnitId => Actor.UnitId;

    /// <summary>When the newest token of this connection ends.</summary>
    public DateTimeOffset ExpiresAt
    {
        get => DateTimeOffset.FromUnixTimeMilliseconds(Interlocked.Read(ref _expiresAtMs));
        set => Interlocked.Exchange(ref _expiresAtMs, value.ToUnixTimeMilliseconds());
    }

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
