using System.Runtime.InteropServices;

namespace Comms.Phones.Io;

/// <summary>One epoll instance; each descriptor carries a 64-bit tag of its owner's choice.</summary>
internal sealed unsafe class Epoll : IDisposable
{
    private const int Capacity = 512;

    /// <summary>struct epoll_event is packed on x86-64 only.</summary>
    private static readonly int EventBytes = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    private static readonly int TagOffset = EventBytes - sizeof(ulong);
    private readonly int _descriptor = LibC.EpollCreate(LibC.CloseOnExec);
    private readonly byte* _events = (byte*)NativeMemory.AllocZeroed(Capacity, (nuint)EventBytes);

    public void Add(int descriptor, ulong tag, bool writable) => Control(LibC.EpollAdd, descriptor, tag, writable);

    public void Modify(int descriptor, ulong tag, bool writable) => Control(LibC.EpollModify, descriptor, tag, writable);

    /// <summary>The number of ready descriptors; 0 on a timeout.</summary>
    public int Wait(int timeoutMs) => Math.Max(0, LibC.EpollWait(_descriptor, _events, Capacity, timeoutMs));

    public ulong Event(int position, out bool readable, out bool writable)
    {
        byte* entry = _events + position * EventBytes;
        uint flags = *(uint*)entry;
        readable = (flags & (LibC.EpollIn | LibC.EpollError | LibC.EpollHangUp)) != 0;
        writable = (flags & LibC.EpollOut) != 0;
        return *(ulong*)(entry + TagOffset);
    }

    public void Dispose()
    {
        _ = LibC.Close(_descriptor);
        NativeMemory.Free(_events);
    }

    private void Control(int operation, int descriptor, ulong tag, bool writable)
    {
        byte* change = stackalloc byte[16];
        *(uint*)change = LibC.EpollIn | (writable ? LibC.EpollOut : 0);
        *(ulong*)(change + TagOffset) = tag;
        if (LibC.EpollControl(_descriptor, operation, descriptor, change) != 0)
            throw new IOException($"epoll_ctl {operation} on descriptor {descriptor}: errno {Marshal.GetLastPInvokeError()}.");
    }
}
