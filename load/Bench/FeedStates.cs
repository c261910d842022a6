using Comms.Media.Node;

namespace Comms.Bench;

/// <summary>How many feeds are live, and how often one ceased to be. Told from any loop.</summary>
internal sealed class FeedStates
{
    private readonly HashSet<string> _live = [];
    private int _lapses;

    public int Live
    {
        get
        {
            lock (_live) return _live.Count;
        }
    }

    public int Lapses => Volatile.Read(ref _lapses);

    public void Take(MediaEvent news)
    {
        if (news is not FeedChanged feed) return;
        lock (_live)
        {
            if (feed.State == FeedState.Live) _live.Add(feed.CameraId);
            else if (_live.Remove(feed.CameraId)) _lapses++;
        }
    }
}
