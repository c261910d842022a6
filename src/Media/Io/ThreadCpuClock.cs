namespace Comms.Media.Io;

/// <summary>The CPU time of one thread, readable from any thread: nothing is measured in the thread itself.</summary>
internal sealed class ThreadCpuClock
{
    private readonly Lock _lock = new();
    private int _clock;
    private bool _isRunning;
    private long _last;

    /// <summary>0 before <see cref="Start"/>; the last value after <see cref="Stop"/>.</summary>
    public long Nanoseconds
    {
        get
        {
            // The thread's clock is invalid once the thread has gone: Stop waits for a reading that has begun.
            lock (_lock) return _isRunning ? _last = Read(_clock) : _last;
        }
    }

    /// <summary>On the thread to be measured.</summary>
    public unsafe void Start()
    {
        int clock;
        if (LibC.ThreadCpuClockOf(LibC.ThreadSelf(), &clock) != 0) return;
        lock (_lock) (_clock, _isRunning) = (clock, true);
    }

    /// <summary>On the measured thread, before it ends.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            if (_isRunning) _last = Read(_clock);
            _isRunning = false;
        }
    }

    private static unsafe long Read(int clock)
    {
        LibC.TimeSpec time;
        return LibC.ClockGetTime(clock, &time) == 0 ? time.Seconds * 1_000_000_000 + time.Nanoseconds : 0;
    }
}
