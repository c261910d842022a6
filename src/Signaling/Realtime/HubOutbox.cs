using Microsoft.AspNetCore.SignalR;

namespace Comms.Signaling.Realtime;

/// <summary>
/// What one connection has yet to be sent. Snapshots replace each other (floors by channel, cameras by id, the channel
/// list); events keep their order and are bounded. Thread-safe; one sender drains it. Empty it holds nothing.
/// </summary>
public sealed class HubOutbox
{
    /// <summary>A client that is this many events behind does not read: it is closed.</summary>
    public const int EventsMax = 64;

    private readonly Lock _lock = new();
    private Dictionary<string, FloorNews>? _floors;
    private Dictionary<string, HubCamera>? _cameras;
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

            var batch = new HubBatch(_channels, _floors?.Values.ToArray() ?? [], _cameras?.Values.ToArray() ?? [], _events ?? []);
            (_channels, _floors, _cameras, _events) = (null, null, null, null);
            return batch;
        }
    }

    private bool IsEmpty => _floors is null && _cameras is null && _events is null && _channels is null;
}

/// <summary>One turn of sending: the channel list first, then floors, cameras and events.</summary>
public sealed record HubBatch(
    HubChannel[]? Channels,
    FloorNews[] Floors,
    HubCamera[] Cameras,
    IReadOnlyList<SerializedHubMessage> Events)
{
    public IEnumerable<SerializedHubMessage> Messages()
    {
        if (Channels is { } channels) yield return HubCalls.Channels(channels);
        foreach (FloorNews news in Floors) yield return news.Message;
        if (Cameras.Length > 0) yield return HubCalls.Cameras(Cameras);
        foreach (SerializedHubMessage happened in Events) yield return happened;
    }
}
