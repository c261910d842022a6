using Microsoft.AspNetCore.SignalR;

namespace Comms.Signaling.Realtime;

/// <summary>
/// What one connection has yet to be sent. Snapshots replace each other (floors and queues by channel, cameras by id, the
/// channel list, the own place in a queue); events keep their order and are bounded. Thread-safe; one sender drains it. Empty it holds nothing.
/// </summary>
public sealed class HubOutbox
{
    /// <summary>A client that is this many events behind does not read: it is closed.</summary>
    public const int EventsMax = 64;

    private readonly Lock _lock = new();
    private Dictionary<string, FloorNews>? _floors;
    private Dictionary<string, HubCamera>? _cameras;
    private Dictionary<string, HubFloorQueue>? _queues;
    private HubFloorQueued? _place;
    private List<SerializedHubMessage>? _events;
    private HubChannel[]? _channels;
    private bool _isSending;

    /// <summary>The newest floor of its channel replaces an older one; a late older one is ignored.</summary>
    public void Put(FloorNews news)
    {
        lock (_lock)
        {
            _floors ??= [];
            if (!_floors.TryGetValue(news.Floor.ChannelId, out FloorNews? waiting) || news.Floor.Epoch >= waiting.Floor.Epoch)
                _floors[news.Floor.ChannelId] = news;
        }
    }

    public void Put(HubCamera camera)
    {
        lock (_lock) (_cameras ??= [])[camera.CameraId] = camera;
    }

    public void Put(HubFloorQueue queue)
    {
        lock (_lock) (_queues ??= [])[queue.ChannelId] = queue;
    }

    /// <summary>A session waits in one channel at a time.</summary>
    public void Put(HubFloorQueued place)
    {
        lock (_lock) _place = place;
    }

    public void Put(HubChannel[] channels)
    {
        lock (_lock) _channels = channels;
    }

    /// <summary>False when the bound is reached: the connection must be closed.</summary>
    public bool TryPut(SerializedHubMessage happened)
    {
        lock (_lock)
        {
            _events ??= [];
            if (_events.Count >= EventsMax) return false;
            _events.Add(happened);
            return true;
        }
    }

    /// <summary>True when the caller must send now: something waits and nobody sends. It then holds the sending turn.</summary>
    public bool TryBeginSending()
    {
        lock (_lock)
        {
            if (_isSending || IsEmpty) return false;
            return _isSending = true;
        }
    }

    /// <summary>True when nothing waits and nobody sends: the caller holds the sending turn and may send past the outbox.</summary>
    public bool TryPass()
    {
        lock (_lock)
        {
            if (_isSending || !IsEmpty) return false;
            return _isSending = true;
        }
    }

    /// <summary>Ends the sending turn when nothing waits; false when the holder must drain first.</summary>
    public bool TryEnd()
    {
        lock (_lock)
        {
            if (!IsEmpty) return false;
            _isSending = false;
            return true;
        }
    }

    /// <summary>Takes everything that waits; when nothing does, ends the sending turn and returns null.</summary>
    public HubBatch? TakeOrEnd()
    {
        lock (_lock)
        {
            if (IsEmpty)
            {
                _isSending = false;
                return null;
            }

            var batch = new HubBatch(
                _channels, _floors?.Values.ToArray() ?? [], _cameras?.Values.ToArray() ?? [], _queues?.Values.ToArray() ?? [], _place, _events ?? []);
            (_channels, _floors, _cameras, _queues, _place, _events) = (null, null, null, null, null, null);
            return batch;
        }
    }

    private bool IsEmpty =>
        _floors is null && _cameras is null && _queues is null && _place is null && _events is null && _channels is null;
}

/// <summary>One turn of sending: the channel list first, then floors, cameras, queues, the own place, and events.</summary>
public sealed record HubBatch(
    HubChannel[]? Channels,
    FloorNews[] Floors,
    HubCamera[] Cameras,
    HubFloorQueue[] Queues,
    HubFloorQueued? Place,
    IReadOnlyList<SerializedHubMessage> Events)
{
    public IEnumerable<SerializedHubMessage> Messages()
    {
        if (Channels is { } channels) yield return HubCalls.Channels(channels);
        foreach (FloorNews news in Floors) yield return news.Message;
        if (Cameras.Length > 0) yield return HubCalls.Cameras(Cameras);
        if (Queues.Length > 0) yield return HubCalls.FloorQueues(Queues);
        if (Place is { } place) yield return HubCalls.FloorQueued(place);
        foreach (SerializedHubMessage happened in Events) yield return happened;
    }
}
