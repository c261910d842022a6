using Comms.Media.Fanout;
using Comms.Media.Io;
using Comms.Media.Numbers;

namespace Comms.Media.Relay;

/// <summary>Runs one fan-out on its event loop: slices of sending as loop work, pacing as one timer.</summary>
internal sealed class FanoutDriver : ILoopWork, ILoopTimerOwner, IVideoFanoutLoop
{
    private readonly EventLoop _loop;
    private readonly LoopTimer _timer;
    private readonly Action<FanoutDriver, IVideoViewer> _onViewerGone;

    public FanoutDriver(EventLoop loop, string cameraId, VideoPacketStore store, DropCounters drops, Action<FanoutDriver, IVideoViewer> onViewerGone)
    {
        _loop = loop;
        CameraId = cameraId;
        _timer = new LoopTimer(this);
        _onViewerGone = onViewerGone;
        Fanout = new VideoFanout(store, this, drops);
    }

    public string CameraId { get; }

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

    public void HandleViewerGone(VideoFanout fanout, IVideoViewer viewer) => _onViewerGone(this, viewer);

    /// <summary>Gives all cached memory back; the driver is not used again.</summary>
    public void Release()
    {
        _loop.Timers.Cancel(_timer);
        Fanout.Clear();
    }
}
