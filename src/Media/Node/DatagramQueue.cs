using System.Runtime.InteropServices;
using Comms.Media.Numbers;

namespace Comms.Media.Node;

/// <summary>
/// Handshake datagrams that wait, oldest first, each with its session and path. Bounded: the oldest gives way, because its sender
/// repeats it. Memory is touched only as far as it is ever used. Owned by one loop.
/// </summary>
internal sealed unsafe class DatagramQueue(int capacity) : IDisposable
{
    /// <summary>A handshake datagram that is longer is not waited for: our own are 1,200 bytes, browsers' too.</summary>
    public const int MaxBytes = 1_536;

    private readonly byte* _bytes = (byte*)NativeMemory.Alloc((nuint)capacity * MaxBytes);
    private readonly Entry[] _entries = new Entry[capacity];
    private int _first;

    public int Count { get; private set; }

    /// <summary>The session whose datagram had to give way, or null.</summary>
    public IHandshaker? Add(IHandshaker session, in NetworkPath path, ReadOnlySpan<byte> datagram)
    {
        IHandshaker? displaced = null;
        if (Count == capacity) displaced = Take(out _, out _);
        int at = (_first + Count++) % capacity;
        _entries[at] = new Entry(session, path, datagram.Length);
        datagram.CopyTo(new Span<byte>(_bytes + (long)at * MaxBytes, MaxBytes));
        return displaced;
    }

    /// <summary>Takes the oldest; its bytes are valid until the next <see cref="Add"/>. Only while <see cref="Count"/> is not 0.</summary>
    public IHandshaker Take(out NetworkPath path, out Span<byte> datagram)
    {
        ref var entry = ref _entries[_first];
        var session = entry.Session!;
        path = entry.Path;
        datagram = new Span<byte>(_bytes + (long)_first * MaxBytes, entry.Bytes);
        entry = default;
        _first = (_first + 1) % capacity;
        Count--;
        return session;
    }

    public void Dispose() => NativeMemory.Free(_bytes);

    private readonly record struct Entry(IHandshaker? Session, NetworkPath Path, int Bytes);
}
