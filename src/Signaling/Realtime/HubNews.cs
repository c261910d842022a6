using System.Collections.Concurrent;
using Comms.Grains.Contracts;
using Comms.Media.Node;
using Comms.Signaling.Bridges;

namespace Comms.Signaling.Realtime;

/// <summary>
/// Brings news to hub connections. Handlers of events only enqueue; one loop works the queue: a change of talker goes out at
/// once, as does an alert; a mere listener or queue count once a second in a small channel and every twenty in one of twenty thousand, so that a rush
/// of joins never costs joins times listeners.
/// </summary>
public sealed partial class HubNews(HubNewsParts parts, HubSessions sessions, HubSender sender, TimeProvider time, ILogger<HubNews> log) : BackgroundService
{
    /// <summary>Listener counts that one channel's audience is sent in a second, together.</summary>
    private const double CountsPerSecond = 1000;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LeastCountPeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ExpiryPeriod = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, FloorState> _floors = new();
    private readonly ConcurrentDictionary<string, CameraStatus> _cameras = new();
    private readonly ConcurrentQueue<Action> _events = new();
    private readonly ConcurrentDictionary<string, byte> _changedAccounts = new();
    private readonly Dictionary<string, Told> _told = [];
    private readonly ConcurrentDictionary<string, FloorState> _queues = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private int _listsChanged;
    private DateTimeOffset _nextExpiry;

    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Listen(true);
        try
        {
            DateTimeOffset nextTick = time.GetUtcNow() + Tick;
            while (!stoppingToken.IsCancellationRequested)
            {
                TimeSpan wait = nextTick - time.GetUtcNow();
                if (wait > TimeSpan.Zero) await _wake.WaitAsync(wait, stoppingToken);
                bool isTick = time.GetUtcNow() >= nextTick;
                if (isTick) nextTick = time.GetUtcNow() + Tick;
                await WorkAsync(isTick);
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
        finally
        {
            Listen(false);
        }
    }

    private void Listen(bool on)
    {
        if (on)
        {
            parts.Floors.FloorChanged += OnFloor;
            parts.Floors.FloorRevoked += OnRevoked;
            parts.Floors.FloorGranted += OnGranted;
            parts.Floors.QueueChanged += OnPlace;
            parts.Floors.RightChanged += OnRight;
            parts.Cameras.StatusChanged += OnCamera;
            parts.Directory.Changed += OnCatalog;
            parts.Media.SessionEnded += OnSessionEnded;
            return;
        }

        parts.Floors.FloorChanged -= OnFloor;
        parts.Floors.FloorRevoked -= OnRevoked;
        parts.Floors.FloorGranted -= OnGranted;
        parts.Floors.QueueChanged -= OnPlace;
        parts.Floors.RightChanged -= OnRight;
        parts.Cameras.StatusChanged -= OnCamera;
        parts.Directory.Changed -= OnCatalog;
        parts.Media.SessionEnded -= OnSessionEnded;
    }

    private void OnFloor(FloorState floor)
    {
        _floors.AddOrUpdate(floor.ChannelId, floor, (_, waiting) => floor.Epoch >= waiting.Epoch ? floor : waiting);
        _queues[floor.ChannelId] = floor;
        Wake();
    }

    private void OnRevoked(FloorParty party, long burstId, FloorRevokeCause cause) => Enqueue(() =>
    {
        if (sessions.Find(party.Session) is not { } session) return;
        var revoked = new HubFloorRevoked(party.ChannelId, burstId, HubWords.Of(cause));
        sender.Send(session, HubCalls.FloorRevoked(revoked));
    });

    private void OnGranted(FloorParty party, FloorReply reply) => Enqueue(() =>
    {
        if (sessions.Find(party.Session) is not { } session) return;
        sender.Send(session, HubCalls.FloorGranted(new HubFloorGranted(party.ChannelId, reply.BurstId, reply.TalkLimitMs)));
    });

    private void OnPlace(FloorParty party, int position) => Enqueue(() =>
    {
        if (sessions.Find(party.Session) is not { } session) return;
        session.Outbox.Put(new HubFloorQueued(party.ChannelId, position));
        sender.Send(session);
    });

    private void OnRight(FloorParty party, ChannelRight right)
    {
        _changedAccounts[party.Actor.AccountId] = 0;
        Wake();
    }

    private void OnCamera(CameraStatus status) => _cameras[status.CameraId] = status;

    private void OnCatalog(CatalogChange change)
    {
        if (change.Kind == CatalogKind.Account) _changedAccounts[change.Id] = 0;
        else if (change.Kind != CatalogKind.Camera) Interlocked.Exchange(ref _listsChanged, 1);
        if (change.Kind == CatalogKind.Account) Wake();
    }

    private void OnSessionEnded(SessionEnded ended) => Enqueue(() =>
    {
        if (sessions.Find(ended.Session) is not { } session) return;
        sessions.SetVoice(session, null);
        var gone = new HubVoiceEnded($"{ended.Session}", HubWords.Of(ended.Reason));
        sender.Send(session, HubCalls.VoiceEnded(gone));
    });

    private void Enqueue(Action happened)
    {
        _events.Enqueue(happened);
        Wake();
    }

    private void Wake()
    {
        try
        {
            if (_wake.CurrentCount == 0) _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // Another thread woke the loop in between.
        }
    }

    private async Task WorkAsync(bool isTick)
    {
        try
        {
            while (_events.TryDequeue(out Action? happened)) happened();
            SendFloors();
            await CheckAccountsAsync();
            if (!isTick) return;
            SendCameras();
            parts.Queues.Send(_queues);
            await RefreshListsAsync();
            CloseExpired();
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            Failed(fault);
        }
    }

    private void SendFloors()
    {
        DateTimeOffset now = time.GetUtcNow();
        foreach ((string channelId, FloorState floor) in _floors)
        {
            var fresh = Told.Of(floor, now);
            if (_told.TryGetValue(channelId, out Told? told) && told with { At = now } == fresh && now - told.At < CountPeriod(channelId)) continue;
            _floors.TryRemove(KeyValuePair.Create(channelId, floor));
            _told[channelId] = fresh;
            parts.Fanout.Tell(floor);
        }
    }

    private TimeSpan CountPeriod(string channelId)
    {
        var shared = TimeSpan.FromSeconds(sessions.CountAudience(channelId) / CountsPerSecond);
        return shared > LeastCountPeriod ? shared : LeastCountPeriod;
    }

    private void SendCameras()
    {
        if (_cameras.IsEmpty) return;
        HubSession[] watchers = [.. sessions.All.Where(session => session.WatchesCameras)];
        foreach (CameraStatus status in _cameras.Values)
        {
            _cameras.TryRemove(KeyValuePair.Create(status.CameraId, status));
            foreach (HubSession session in watchers.Where(session => parts.MaySee(session, status.CameraId)))
                session.Outbox.Put(HubWords.Camera(status));
        }

        foreach (HubSession session in watchers) sender.Send(session);
    }

    /// <summary>An account that was disabled, removed or demoted below use is signed out at once; others get their list again.</summary>
    private async Task CheckAccountsAsync()
    {
        if (_changedAccounts.IsEmpty) return;
        HashSet<string> changed = [.. _changedAccounts.Keys];
        foreach (string accountId in changed) _changedAccounts.TryRemove(accountId, out _);
        foreach (HubSession session in sessions.All.Where(session => changed.Contains(session.AccountId)))
            await parts.CheckAsync(session, sender);
    }

    private async Task RefreshListsAsync()
    {
        if (Interlocked.Exchange(ref _listsChanged, 0) == 0) return;
        foreach (HubSession session in sessions.All) await parts.CheckAsync(session, sender);
    }

    private void CloseExpired()
    {
        DateTimeOffset now = time.GetUtcNow();
        if (now < _nextExpiry) return;
        _nextExpiry = now + ExpiryPeriod;
        foreach (HubSession session in sessions.All)
        {
            if (session.ExpiresAt <= now && session.TryBeginClosing()) _ = sender.CloseAsync(session, "expired");
        }
    }

    /// <summary>What a channel's audience was last told of that cannot wait, and when.</summary>
    private sealed record Told(long Talker, bool IsEmergency, string Alerts, DateTimeOffset At)
    {
        public static Told Of(FloorState floor, DateTimeOffset now) => new(
            floor.Holder is null ? 0 : floor.BurstId,
            floor.IsEmergency,
            floor.Alerts is null ? "" : string.Join(' ', floor.Alerts.Select(alert => alert.UnitId)),
            now);
    }

    [LoggerMessage(2111, LogLevel.Error, "News could not be brought to hub connections")]
    private partial void Failed(Exception fault);
}
