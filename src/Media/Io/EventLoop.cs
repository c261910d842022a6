using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Comms.Media.Numbers;
using Microsoft.Extensions.Logging;

namespace Comms.Media.Io;

/// <summary>
/// One thread over one epoll instance: it owns its descriptors, timers and everything built on them. A turn is: wait, serve
/// ready descriptors, carried frames, commands, due timers, one slice of each long work, then the turn's end (sending).
/// Only <see cref="Post"/>, <see cref="Wake"/> and the counters may be touched from other threads. A handler's exception is
/// counted and logged at the rim; the loop goes on.
/// </summary>
public sealed class EventLoop : IDisposable
{
    /// <summary>Commands waiting at most; further ones are refused.</summary>
    public const int MaxQueuedCommands = 65_536;

    private const int MaxEventsPerTurn = 256;
    private const int MaxCommandsPerTurn = 256;
    private const int LongestWaitMs = 1_000;
    private const int BlockedWaitMs = 2;

    /// <summary>At the most one log line per second and loop: a fault that repeats is counted, not repeated.</summary>
    private const long FaultLogIntervalMs = 1_000;

    private readonly ILogger _logger;
    private readonly EpollInstance _epoll = new(MaxEventsPerTurn);
    private readonly WakeDescriptor _wake = new();
    private readonly ConcurrentQueue<ILoopCommand> _commands = new();
    private readonly List<ILoopTurnEnd> _turnEnds = [];
    private readonly LoopWorkQueue _work = new();
    private readonly ThreadCpuClock _cpu = new();
    private readonly Thread _thread;
    private FrameRing[] _incoming = [];
    private int _queuedCommands;
    private bool _isInSlice;
    private volatile bool _stopping;
    private volatile bool _closed;
    private Instant _lastFaultLog;
    private LoopLoad _load;
    private int _busyPermille;
    private long _allocatedBytes;
    private long _turns;
    private long _faults;

    public EventLoop(int index, ILogger logger)
    {
        Index = index;
        _logger = logger;
        Now = MonotonicClock.Now;
        _load = new LoopLoad(Now);
        Timers = new TimerWheel(Now, OnFault);
        _epoll.Add(_wake, LoopInterest.Read);
        _thread = new Thread(Run) { IsBackground = true, Name = $"media-loop-{index}" };
    }

    /// <summary>0 to the number of loops − 1.</summary>
    public int Index { get; }

    /// <summary>The moment this turn began; what a handler gets as <c>now</c>.</summary>
    public Instant Now { get; private set; }

    public TimerWheel Timers { get; }

    public bool IsOnLoop => Thread.CurrentThread == _thread;

    /// <summary>Managed bytes that the loop's thread has ever allocated. Any thread may read it; exact at the turn's end.</summary>
    public long AllocatedBytes => Volatile.Read(ref _allocatedBytes);

    /// <summary>CPU time of the loop's thread up to now, or to its end.</summary>
    public long CpuNanoseconds => _cpu.Nanoseconds;

    /// <summary>Share of its wall time that the loop works, in thousandths of the last half second. Any thread may read it.</summary>
    public int BusyPermille => Volatile.Read(ref _busyPermille);

    public long Turns => Volatile.Read(ref _turns);

    public long Faults => Volatile.Read(ref _faults);

    /// <summary>Commands waiting now.</summary>
    public int QueuedCommands => Volatile.Read(ref _queuedCommands);

    public void Start() => _thread.Start();

    /// <summary>On the loop, or before it starts.</summary>
    public void Register(ILoopDescriptor descriptor, LoopInterest interest = LoopInterest.Read) => _epoll.Add(descriptor, interest);

    /// <summary>On the loop.</summary>
    public void Modify(ILoopDescriptor descriptor, LoopInterest interest) => _epoll.Modify(descriptor, interest);

    /// <summary>On the loop, before the descriptor is closed. Events of it already taken from the kernel are not delivered.</summary>
    public void Unregister(ILoopDescriptor descriptor) => _epoll.Remove(descriptor);

    public void AddTurnEnd(ILoopTurnEnd turnEnd) => _turnEnds.Add(turnEnd);

    public void RemoveTurnEnd(ILoopTurnEnd turnEnd) => _turnEnds.Remove(turnEnd);

    /// <summary>Runs a slice of the work in this and each further turn until it is done. Scheduling twice is once. On the loop.</summary>
    public void Schedule(ILoopWork work) => _work.Add(work);

    /// <summary>Long works that have more to do, the one now running included. On the loop.</summary>
    public int LongWorks => _work.Count + (_isInSlice ? 1 : 0);

    /// <summary>Takes frames from other loops. Before the loop starts.</summary>
    public void AddIncoming(FrameRing ring) => _incoming = [.. _incoming, ring];

    /// <summary>Runs a command on the loop, in order of posting. False: the queue is full or the loop has ended. Any thread.</summary>
    public bool Post(Action<Instant> command) => Post(new PostedAction(command));

    /// <inheritdoc cref="Post(Action{Instant})"/>
    public bool Post(ILoopCommand command)
    {
        if (_closed || Interlocked.Increment(ref _queuedCommands) > MaxQueuedCommands)
        {
            if (!_closed) Interlocked.Decrement(ref _queuedCommands);
            return false;
        }

        _commands.Enqueue(command);
        if (_closed) RefuseQueued();
        _wake.Signal();
        return true;
    }

    /// <summary>Runs a function on the loop and brings its result back; <paramref name="refused"/> when it could not be run.</summary>
    public Task<T> CallAsync<T>(Func<Instant, T> function, T refused)
    {
        var call = new LoopCall<T>(function, refused);
        if (!Post(call)) call.Refuse();
        return call.Task;
    }

    /// <summary>Ends the loop's wait: something waits in one of its rings. Any thread.</summary>
    public void Wake() => _wake.Signal();

    /// <summary>Ends the thread, refuses what is still queued, frees the epoll instance. Descriptors are their owners' to close.</summary>
    public void Dispose()
    {
        if (_stopping) return;
        _stopping = true;
        _wake.Signal();
        if (_thread.ThreadState.HasFlag(ThreadState.Unstarted)) Close();
        else _thread.Join();
        _epoll.Dispose();
        _wake.Dispose();
    }

    private void Run()
    {
        _cpu.Start();
        while (!_stopping) Turn();
        _cpu.Stop();
        Close();
    }

    private void Close()
    {
        _closed = true;
        RefuseQueued();
    }

    private void RefuseQueued()
    {
        while (_commands.TryDequeue(out var command)) command.Refuse();
    }

    private void Turn()
    {
        int ready = _epoll.Wait(WaitMs());
        Now = MonotonicClock.Now;
        _wake.Clear();
        for (int i = 0; i < ready; i++) Serve(i);
        foreach (var ring in _incoming) Drain(ring);
        RunCommands();
        Timers.Advance(Now);
        for (int i = _work.Count; i > 0; i--) RunSlice();
        foreach (var turnEnd in _turnEnds) End(turnEnd);
        PublishCounters();
        _load.OnTurn(Now, MonotonicClock.Now);
        Volatile.Write(ref _busyPermille, _load.Permille);
    }

    private int WaitMs()
    {
        if (_work.HasRunnable || !_commands.IsEmpty) return 0;
        foreach (var ring in _incoming)
        {
            if (!ring.IsEmpty) return 0;
        }

        if (_work.Count > 0) return BlockedWaitMs;
        Instant next = Timers.NextWake();
        if (next == Instant.Never) return LongestWaitMs;
        long nanoseconds = next.Nanoseconds - MonotonicClock.Now.Nanoseconds;
        return nanoseconds <= 0 ? 0 : (int)Math.Min(LongestWaitMs, (nanoseconds + 999_999) / 1_000_000);
    }

    private void Serve(int position)
    {
        var descriptor = _epoll.Event(position, out bool readable, out bool writable);
        try
        {
            if (readable) descriptor?.OnReadable(Now);
            if (writable) _epoll.Event(position, out _, out _)?.OnWritable(Now);
        }
        catch (Exception fault)
        {
            OnFault(fault);
        }
    }

    private void Drain(FrameRing ring)
    {
        try
        {
            ring.Drain(Now);
        }
        catch (Exception fault)
        {
            OnFault(fault);
        }
    }

    private void RunCommands()
    {
        for (int i = 0; i < MaxCommandsPerTurn && _commands.TryDequeue(out var command); i++)
        {
            Interlocked.Decrement(ref _queuedCommands);
            try
            {
                command.Run(Now);
            }
            catch (Exception fault)
            {
                OnFault(fault);
            }
        }
    }

    private void RunSlice()
    {
        var work = _work.Take();
        _isInSlice = true;
        try
        {
            _work.PutBack(work, work.RunSlice(Now));
        }
        catch (Exception fault)
        {
            _work.PutBack(work, LoopWorkState.Done);
            OnFault(fault);
        }

        _isInSlice = false;
    }

    private void End(ILoopTurnEnd turnEnd)
    {
        try
        {
            turnEnd.OnTurnEnd(Now);
        }
        catch (Exception fault)
        {
            OnFault(fault);
        }
    }

    private void OnFault(Exception fault)
    {
        Volatile.Write(ref _faults, _faults + 1);
        if (_faults > 1 && Now.MsSince(_lastFaultLog) < FaultLogIntervalMs) return;
        _lastFaultLog = Now;
        EventLoopLog.HandlerFault(_logger, Index, _faults, fault);
    }

    private void PublishCounters()
    {
        Volatile.Write(ref _turns, _turns + 1);
        Volatile.Write(ref _allocatedBytes, GC.GetAllocatedBytesForCurrentThread());
    }

    private sealed class PostedAction(Action<Instant> action) : ILoopCommand
    {
        public void Run(Instant now) => action(now);

        public void Refuse()
        {
        }
    }

    /// <summary>A posted function whose result, exception or refusal ends a task; continuations never run on the loop.</summary>
    private sealed class LoopCall<T>(Func<Instant, T> function, T refused) : ILoopCommand
    {
        private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<T> Task => _completion.Task;

        public void Run(Instant now)
        {
            try
            {
                _completion.TrySetResult(function(now));
            }
            catch (Exception fault)
            {
                _completion.TrySetException(fault);
                throw;
            }
        }

        public void Refuse() => _completion.TrySetResult(refused);
    }
}
