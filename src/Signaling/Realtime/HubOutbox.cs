namespace Comms.Signaling.Realtime;

/// <summary>
/// What one connection has yet to be sent. Snapshots replace each other (floors by channel, cameras by id, the channel
/// list); events keep their order and are bounded. Thread-safe; one sender drains it.
/// </summary>
public sealed class HubOutbox
{
    /// <summary>A client that is this many events behind does not read: it is closed.</summary>
    public const int EventsMax = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, HubFloor> _floors = [];
    private readonly Dictionary<string, HubCamera> _cameras = [];
    private readonly List<Func<IHubClient, Task>> _events = [];
    private HubChannel[]? _channels;
    private bool _isSending;

    /// <summary>The newest floor of its channel replaces an older one; a late older one is ignored.</summary>
    public void Put(HubFloor floor)
    {
        lock (_lock)
        {
            if (!_floors.TryGetValue(floor.ChannelId, out HubFloor? waiting) || floor.Epoch >= waiting.Epoch) _floors[floor.ChannelId] = floor;
        }
    }

    public void Put(HubCamera camera)
    {
        lock (_lock) _cameras[camera.CameraId] = camera;
    }

    public void Put(HubChannel[] channels)
    {
        lock (_lock) _channels = channels;
    }

    /// <summary>False when the bound is reached: the connection must be closed.</summary>
    public bool TryPut(Func<IHubClient, Task> happened)
    {
        lock (_lock)
        {
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

            var batch = new HubBatch(_channels, [.. _floors.Values], [.. _cameras.Values], [.. _events]);
            _channels = null;
            _floors.Clear();
            _cameras.Clear();
            _events.Clear();
            return batch;
        }
    }

    private bool IsEmpty => _floors.Count + _cameras.Count + _events.Count == 0 && _channels is null;
}

/// <summary>One turn of sending: the channel list first, then floors, cameras and events.</summary>
public sealed record HubBatch(
    HubChannel[]? Channels,
    HubFloor[] Floors,
    HubCamera[] Cameras,
    IReadOnlyList<Func<IHubClient, Task>> Events)
{
    public async Task SendAsync(IHubClient client)
    {
        if (Channels is { } channels) await client.Channels(channels);
        if (Floors.Length > 0) await client.Floors(Floors);
        if (Cameras.Length > 0) await client.Cameras(Cameras);
        foreach (Func<IHubClient, Task> happened in Events) await happened(client);
    }
}
