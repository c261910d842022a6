using System.Collections.Concurrent;
using Comms.Grains.Contracts;

namespace Comms.Signaling.Realtime;

/// <summary>
/// Brings the queues of channels to the consoles that watch them, as they were at the last tick: five hundred presses in a
/// moment are one message for each console. Used by one loop.
/// </summary>
public sealed class QueueNews(HubSessions sessions, HubSender sender, IDirectoryIndex directory)
{
    private readonly HashSet<string> _shown = [];

    /// <summary>Takes the floors that are new since the last call and sends the queues that changed.</summary>
    public void Send(ConcurrentDictionary<string, FloorState> floors)
    {
        if (floors.IsEmpty) return;
        HubSession[] watchers = [.. sessions.All.Where(session => session.WatchesQueues)];
        foreach ((string channelId, FloorState floor) in floors)
        {
            floors.TryRemove(KeyValuePair.Create(channelId, floor));
            bool wasShown = floor.Queue is null ? _shown.Remove(channelId) : !_shown.Add(channelId);
            if (floor.Queue is null && !wasShown) continue;
            HubFloorQueue queue = HubWords.Queue(floor);
            foreach (HubSession session in watchers)
            {
                if (session.Channels.FirstOrDefault(channel => channel.Id == channelId) is { } channel && HubParts.Supervises(directory, session, channel))
                    session.Outbox.Put(queue);
            }
        }

        foreach (HubSession session in watchers) sender.Send(session);
    }
}
