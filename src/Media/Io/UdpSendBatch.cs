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

    private int _count;
    private int _sent;
    private int _used;

    public UdpSendBatch()
    {
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
        _count++;
    }

    /// <summary>Sends what waits. False: the kernel's queue is full, the rest is kept. Refused datagrams are left out and counted.</summary>
    public bool Flush(int descriptor, DropCounters drops, ref long sentPackets)
    {
        while (_sent < _count)
        {
            int taken = LibC.SendMany(descriptor, _messages + _sent, (uint)(_count - _sent), LibC.MsgDontWait | LibC.MsgNoSignal);
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
        return true;
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_arena);
        NativeMemory.Free(_addresses);
        NativeMemory.Free(_vectors);
        NativeMemory.Free(_messages);
    }
}
