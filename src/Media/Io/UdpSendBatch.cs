using System.Runtime.InteropServices;
using Comms.Media.Numbers;

namespace Comms.Media.Io;

/// <summary>
/// Datagrams of one socket on their way to sendmmsg, packed one after another in native memory so that a batch of small
/// packets stays in the processor's cache. Owned by the socket's loop; never reallocated.
/// </summary>
internal sealed unsafe class UdpSendBatch : IDisposable
{
    private const int Capacity = 128;
    private const int ArenaBytes = 64 * 1024;
    private readonly byte* _arena = (byte*)NativeMemory.AlignedAlloc(ArenaBytes, 64);
    private readonly byte* _addresses = (byte*)NativeMemory.AllocZeroed(Capacity * SocketAddressCodec.MaxBytes);
    private readonly LibC.IoVector* _vectors = (LibC.IoVector*)NativeMemory.AllocZeroed((nuint)(Capacity * sizeof(LibC.IoVector)));
    private readonly LibC.MessageHeaderEntry* _messages =
        (LibC.MessageHeaderEntry*)NativeMemory.AllocZeroed((nuint)(Capacity * sizeof(LibC.MessageHeaderEntry)));

    private readonly UdpSegments? _segments;
    private TransportAddress _lastTo;
    private int _lastBytes;
    private bool _hasRuns;
    private bool _maySegment;
    private int _count;
    private int _sent;
    private int _used;

    /// <param name="segments">Lets the kernel cut bursts to one destination; without, each datagram is a message of its own.</param>
    public UdpSendBatch(bool segments)
    {
        _maySegment = segments;
        if (segments) _segments = new UdpSegments(Capacity);
        for (int i = 0; i < Capacity; i++)
        {
            _messages[i].Name = _addresses + i * SocketAddressCodec.MaxBytes;
            _messages[i].Vectors = &_vectors[i];
            _messages[i].VectorCount = 1;
        }
    }

    public bool IsEmpty => _count == 0;

    public bool HasRoom(int bytes) => _count < Capacity && _used + bytes <= ArenaBytes;

    public Span<byte> Room(int bytes) => new(_arena + _used, bytes);

    public void Add(int bytes, in TransportAddress to)
    {
        _vectors[_count] = new LibC.IoVector { Base = _arena + _used, Length = (nuint)bytes };
        _messages[_count].NameLength = SocketAddressCodec.Write(_messages[_count].Name, to);
        _used = (_used + bytes + 63) & ~63;
        _hasRuns |= _count > 0 && bytes <= _lastBytes && to == _lastTo;
        (_lastBytes, _lastTo) = (bytes, to);
        _count++;
    }

    /// <summary>Sends what waits. False: the kernel's queue is full, the rest is kept. Refused datagrams are left out and counted.</summary>
    public bool Flush(int descriptor, DropCounters drops, ref long sentPackets)
    {
        while (_sent < _count)
        {
            int taken = _hasRuns && _maySegment ? SendSegmented(descriptor) : SendPlain(descriptor);
            if (taken > 0)
            {
                _sent += taken;
                sentPackets += taken;
                continue;
            }

            int error = Marshal.GetLastPInvokeError();
            if (error == LibC.Eintr) continue;
            if (error == LibC.Eagain) return false;
            drops.Count(DropReason.SendFailed);
            _sent++;
        }

        _count = _sent = _used = 0;
        _hasRuns = false;
        return true;
    }

    public void Dispose()
    {
        _segments?.Dispose();
        NativeMemory.AlignedFree(_arena);
        NativeMemory.Free(_addresses);
        NativeMemory.Free(_vectors);
        NativeMemory.Free(_messages);
    }

    private int SendPlain(int descriptor) =>
        LibC.SendMany(descriptor, _messages + _sent, (uint)(_count - _sent), LibC.MsgDontWait | LibC.MsgNoSignal);

    // Returns datagrams, as SendPlain does. A device that cannot cut (no checksum offload) is not asked again.
    private int SendSegmented(int descriptor)
    {
        int planned = _segments!.Plan(_messages, _sent, _count);
        int taken = LibC.SendMany(descriptor, _segments.Messages, (uint)planned, LibC.MsgDontWait | LibC.MsgNoSignal);
        if (taken <= 0)
        {
            if (_segments.CountOf(0) == 1 || Marshal.GetLastPInvokeError() is not (LibC.Eio or LibC.Einval)) return taken;
            _maySegment = false;
            return SendPlain(descriptor);
        }

        int datagrams = 0;
        for (int i = 0; i < taken; i++) datagrams += _segments.CountOf(i);
        return datagrams;
    }
}
