using Comms.Media.Numbers;

namespace Comms.Media.Io;

/// <summary>An eventfd that ends a loop's wait. Signals between two turns cost one system call together.</summary>
internal sealed unsafe class WakeDescriptor : ILoopDescriptor, IDisposable
{
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private int _signalled;

    public WakeDescriptor()
    {
        FileDescriptor = LibC.EventFd(0, CloseOnExec | NonBlocking);
        if (FileDescriptor < 0) throw new IOException("eventfd failed: the process has no file descriptor left.");
    }

    public int FileDescriptor { get; }

    /// <summary>Any thread. What the signal announces must be visible before the call.</summary>
    public void Signal()
    {
        if (Interlocked.Exchange(ref _signalled, 1) != 0) return;
        ulong one = 1;
        _ = LibC.Write(FileDescriptor, &one, sizeof(ulong));
    }

    /// <summary>On the loop, at the start of a turn and before the queues are looked at: later signals count again.</summary>
    public void Clear()
    {
        if (Volatile.Read(ref _signalled) == 0) return;
        ulong count;
        _ = LibC.Read(FileDescriptor, &count, sizeof(ulong));
        Interlocked.Exchange(ref _signalled, 0);
    }

    public void OnReadable(Instant now)
    {
    }

    public void OnWritable(Instant now)
    {
    }

    public void Dispose() => _ = LibC.Close(FileDescriptor);
}
