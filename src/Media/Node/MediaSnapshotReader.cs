using Comms.Media.Numbers;

namespace Comms.Media.Node;

/// <summary>Puts together who hears and sees whom now. Takes one turn of every loop.</summary>
internal static class MediaSnapshotReader
{
    public static async Task<MediaNodeSnapshot> ReadAsync(MediaNode node, int maxSessions)
    {
        var sessions = new List<SessionSnapshot>();
        var talks = new Dictionary<string, (string Session, long Burst)>(StringComparer.Ordinal);
        foreach (var loop in node.Loops)
        {
            var part = await loop.Events.CallAsync(_ => ReadLoop(loop, maxSessions), ([], []));
            sessions.AddRange(part.Sessions);
            foreach (var (channel, talk) in part.Talks) talks[channel] = talk;
        }

        foreach (var entry in node.Sessions.Entries.Where(entry => entry.Loop is null).Take(maxSessions))
        {
            sessions.Add(new SessionSnapshot(entry.Id.ToString(), entry.Owner, "webrtc", "new", -1, 0, 0, [], null));
        }

        return new MediaNodeSnapshot(node.Sessions.Count, sessions, [.. node.Channels.Select(hub => ReadChannel(hub, talks))], await node.Feeds.SnapshotAsync(), Drops(node));
    }

    private static (List<SessionSnapshot> Sessions, Dictionary<string, (string Session, long Burst)> Talks) ReadLoop(MediaLoop loop, int maxSessions)
    {
        var sessions = new List<SessionSnapshot>();
        var talkers = new Dictionary<string, (string Session, long Burst)>(StringComparer.Ordinal);
        foreach (var session in loop.Sessions())
        {
            var talks = session.Talks;
            if (talks is not null || sessions.Count < maxSessions) sessions.Add(session.Snapshot());
            if (talks is { } talk) talkers[talk.Channel] = (session.Session.ToString(), talk.Burst.Value);
        }

        return (sessions, talkers);
    }

    private static ChannelSnapshot ReadChannel(Fanout.ChannelHub hub, Dictionary<string, (string Session, long Burst)> talks)
    {
        int listeners = 0;
        long forwarded = 0;
        long early = 0;
        for (int i = 0; i < hub.LoopCount; i++)
        {
            listeners += hub.Part(i).ListenerCount;
            early += hub.Part(i).Counters.EarlyFlushes;
            forwarded += hub.Part(i).Counters.Forwarded;
        }

        return talks.TryGetValue(hub.Id, out var talk)
            ? new ChannelSnapshot(hub.Id, talk.Session, talk.Burst, listeners, forwarded, hub.FrameMs, early)
            : new ChannelSnapshot(hub.Id, null, null, listeners, forwarded, hub.FrameMs, early);
    }

    private static Dictionary<string, long> Drops(MediaNode node) =>
        Enum.GetValues<DropReason>().Where(reason => reason != DropReason.None)
            .Select(reason => (Name: reason.ToString(), Count: node.Dropped(reason)))
            .Where(drop => drop.Count > 0)
            .ToDictionary(drop => drop.Name, drop => drop.Count, StringComparer.Ordinal);
}
