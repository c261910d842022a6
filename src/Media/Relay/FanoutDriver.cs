using Comms.Media.Fanout;
using Comms.Media.Io;
using Comms.Media.Numbers;

namespace Comms.Media.Relay;

/// <summary>Runs one fan-out on its event loop: slices of sending as loop work, pacing as one timer.</summary>
internal sealed class FanoutDriver : ILoopWork, ILoopTimerOwner, IVideoFanoutLoop
{
    private readonly EventLoop _loop;
    private readonly LoopTimer _timer;
    private readonly FeedLoop _home;

    public FanoutDriver(FeedLoop home, FeedKey key, VideoPacketStore store, DropCounters drops)
    {
        _loop = home.Loop;
        _home = home;
        Key = key;
        _timer = new LoopTimer(this);
        Fanout = new VideoFanout(store, this, drops);
    }

    public FeedKey Key { get; }

    public VideoFanout Fanout { get; }

    public LoopWorkState RunSlice(Instant now) => Fanout.Pump(now) ? LoopWorkState.More : LoopWorkState.Done;

    public void OnTimer(LoopTimer timer, Instant now)
    {
        if (Fanout.Pump(now))
        {
            _loop.Schedule(this);
        }
    }

    public void RunSoon(VideoFanout fanout) => _loop.Schedule(this);

    public void RunAt(VideoFanout fanout, Instant due) => _loop.Timers.Arm(_timer, due);

    public void HandleViewerGone(VideoFanout fanout, IVideoViewer viewer) => _home.HandleViewerLeft(this, viewer);

    public void HandleCannotShow(VideoFanout fanout, IVideoViewer viewer) => _loop.Post(now => _home.MoveToConverted(this, viewer, now));

    /// <summary>Gives all cached memory back; the driver is not used again.</summary>
    public void Release()
    {
        _loop.Timers.Cancel(_timer);
        Fanout.Clear();
    }
}
