using System.Buffers;
using Comms.Grains.Contracts;

namespace Comms.Signaling.Realtime;

/// <summary>
/// Brings each channel's newest floor to its audience: one fan-out per channel at a time, in slices, so that presses and
/// other channels are served between them. A floor that waits behind a fan-out is replaced by a newer one.
/// </summary>
public sealed class FloorFanout(HubSessions sessions, HubSender sender)
{
    /// <summary>
    /// Writes between two yields. Each queues some work on the thread pool, behind which a press would wait, and holds a buffer of
    /// the shared pool until that work is done. The pool keeps 32 for each processor: above that every write makes 4 kB of
    /// garbage, and the collector has twenty thousand old connections to look through for it.
    /// </summary>
    private const int Slice = 16;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, FloorState?> _waiting = [];

    /// <summary>Never blocks; the fan-out runs on the thread pool.</summary>
    public void Tell(FloorState floor)
    {
        lock (_lock)
        {
            bool isRunning = _waiting.ContainsKey(floor.ChannelId);
            _waiting[floor.ChannelId] = floor;
            if (isRunning) return;
        }

        _ = Task.Run(() => RunAsync(floor.ChannelId));
    }

    private async Task RunAsync(string channelId)
    {
        while (TakeOrEnd(channelId) is { } floor) await TellAllAsync(floor);
    }

    private FloorState? TakeOrEnd(string channelId)
    {
        lock (_lock)
        {
            FloorState? next = _waiting[channelId];
            if (next is null) _waiting.Remove(channelId);
            else _waiting[channelId] = null;
            return next;
        }
    }

    private async Task TellAllAsync(FloorState floor)
    {
        var news = new FloorNews(HubWords.Floor(floor));
        HubSession[] audience = sessions.RentAudience(floor.ChannelId, out int count);
        try
        {
            for (int i = 0; i < count; i++)
            {
                sender.Send(audience[i], news);
                if (i % Slice == Slice - 1) await Task.Yield();
            }
        }
        finally
        {
            ArrayPool<HubSession>.Shared.Return(audience, clearArray: true);
        }
    }
}
