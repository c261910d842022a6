using System.Runtime.InteropServices;

namespace Comms.Media.Io;

/// <summary>
/// epoll with a table from descriptor number to its owner. Each registration has a generation, carried in the kernel's event,
/// so that an event of a closed descriptor never reaches the new owner of the same number. Level-triggered.
/// </summary>
internal sealed unsafe class EpollInstance : IDisposable
{
    private const int CloseOnExec = 0x80000;

    /// <summary>struct epoll_event is packed on x86-64 only.</summary>
    private static readonly int EventBytes = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    private static readonly int DataOffset = EventBytes - sizeof(ulong);
    private readonly int _descriptor;
    private readonly byte* _events;
    private readonly int _capacity;
    private Registration[] _registrations = new Registration[64];
    private bool _disposed;

    public EpollInstance(int capacity)
    {
        _capacity = capacity;
        _descriptor = LibC.EpollCreate(CloseOnExec);
        if (_descriptor < 0) throw new IOException("epoll_create1 failed: the process has no file descriptor left.");
        _events = (byte*)NativeMemory.AllocZeroed((nuint)capacity, (nuint)EventBytes);
    }

    public void Add(ILoopDescriptor owner, LoopInterest interest)
    {
        int descriptor = owner.FileDescriptor;
        if (descriptor >= _registrations.Length) Array.Resize(ref _registrations, Math.Max(descriptor + 1, _registrations.Length * 2));
        ref var registration = ref _registrations[descriptor];
        registration.Owner = owner;
        registration.Generation++;
        Control(LibC.EpollCtlAdd, descriptor, interest);
    }

    public void Modify(ILoopDescriptor owner, LoopInterest interest)
    {
        if (IsOwner(owner)) Control(LibC.EpollCtlModify, owner.FileDescriptor, interest);
    }

    public void Remove(ILoopDescriptor owner)
    {
        if (_disposed || !IsOwner(owner)) return;
        Control(LibC.EpollCtlDelete, owner.FileDescriptor, LoopInterest.None);
        ref var registration = ref _registrations[owner.FileDescriptor];
        registration.Owner = null;
        registration.Generation++;
    }

    /// <summary>The number of events; 0 on a timeout or a signal.</summary>
    public int Wait(int timeoutMs) => Math.Max(0, LibC.EpollWait(_descriptor, _events, _capacity, timeoutMs));

    /// <summary>The owner of one event of the last wait; null when it has been removed since.</summary>
    public ILoopDescriptor? Event(int position, out bool readable, out bool writable)
    {
        byte* entry = _events + position * EventBytes;
        uint flags = *(uint*)entry;
        ulong data = *(ulong*)(entry + DataOffset);
        readable = (flags & (LibC.EpollIn | LibC.EpollError | LibC.EpollHangUp)) != 0;
        writable = (flags & LibC.EpollOut) != 0;
        ref var registration = ref _registrations[(int)(uint)data];
        return registration.Generation == (uint)(data >> 32) ? registration.Owner : null;
    }

    public void Dispose()
    {
        _disposed = true;
        _ = LibC.Close(_descriptor);
        NativeMemory.Free(_events);
    }

    private bool IsOwner(ILoopDescriptor owner) =>
        (uint)owner.FileDescriptor < (uint)_registrations.Length && ReferenceEquals(_registrations[owner.FileDescriptor].Owner, owner);

    private void Control(int operation, int descriptor, LoopInterest interest)
    {
        byte* change = stackalloc byte[16];
        *(uint*)change = interest switch
        {
            LoopInterest.Read => LibC.EpollIn,
            LoopInterest.ReadWrite => LibC.EpollIn | LibC.EpollOut,
            _ => 0,
        };
        *(ulong*)(change + DataOffset) = ((ulong)_registrations[descriptor].Generation << 32) | (uint)descriptor;
        if (LibC.EpollControl(_descriptor, operation, descriptor, change) != 0)
            throw new IOException($"epoll_ctl {operation} on descriptor {descriptor}: errno {Marshal.GetLastPInvokeError()}.");
    }

    private struct Registration
    {
        public ILoopDescriptor? Owner;
        public uint Generation;
    }
}
