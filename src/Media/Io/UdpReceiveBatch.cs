using System.Runtime.InteropServices;
using Comms.Media.Numbers;

namespace Comms.Media.Io;

/// <summary>
/// The native memory into which a loop receives datagrams by recvmmsg. One per loop, shared by its sockets: each datagram is
/// handled before the next receive. Never reallocated.
/// </summary>
public sealed unsafe class UdpReceiveBatch : IDisposable
{
    /// <summary>Larger datagrams are dropped as truncated: everything we speak stays below an Ethernet frame.</summary>
    public const int MaxDatagramBytes = 2048;

    private const int Capacity = 64;
    private const int ControlBytes = 32;
    private readonly byte* _payloads = (byte*)NativeMemory.AlignedAlloc(Capacity * MaxDatagramBytes, 64);
    private readonly byte* _addresses = (byte*)NativeMemory.AllocZeroed(Capacity * SocketAddressCodec.MaxBytes);
    private readonly byte* _controls = (byte*)NativeMemory.AllocZeroed(Capacity * ControlBytes);
    private readonly LibC.IoVector* _vectors = (LibC.IoVector*)NativeMemory.AllocZeroed((nuint)(Capacity * sizeof(LibC.IoVector)));
    private readonly LibC.MessageHeaderEntry* _messages =
        (LibC.MessageHeaderEntry*)NativeMemory.AllocZeroed((nuint)(Capacity * sizeof(LibC.MessageHeaderEntry)));

    public UdpReceiveBatch()
    {
        for (int i = 0; i < Capacity; i++)
        {
            _vectors[i] = new LibC.IoVector { Base = _payloads + i * MaxDatagramBytes, Length = MaxDatagramBytes };
            _messages[i].Name = _addresses + i * SocketAddressCodec.MaxBytes;
            _messages[i].Vectors = &_vectors[i];
            _messages[i].VectorCount = 1;
            _messages[i].Control = _controls + i * ControlBytes;
        }
    }

    /// <summary>True when the last receive filled the batch, so that more may wait.</summary>
    internal bool WasFull { get; private set; }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_payloads);
        NativeMemory.Free(_addresses);
        NativeMemory.Free(_controls);
        NativeMemory.Free(_vectors);
        NativeMemory.Free(_messages);
    }

    /// <summary>The number of datagrams received; 0 when none waits or the socket reports an error.</summary>
    internal int Receive(int descriptor)
    {
        for (int i = 0; i < Capacity; i++)
        {
            _messages[i].NameLength = SocketAddressCodec.MaxBytes;
            _messages[i].ControlLength = ControlBytes;
            _messages[i].Flags = 0;
        }

        int count = LibC.ReceiveMany(descriptor, _messages, Capacity, LibC.MsgDontWait, null);
        WasFull = count == Capacity;
        return Math.Max(0, count);
    }

    /// <summary>One received datagram. <see cref="DropReason.None"/> when it is usable.</summary>
    internal DropReason Read(int position, out Span<byte> datagram, out TransportAddress from)
    {
        ref var message = ref _messages[position];
        datagram = new Span<byte>(_payloads + position * MaxDatagramBytes, (int)message.Length);
        if (!SocketAddressCodec.TryRead(message.Name, message.NameLength, out from)) return DropReason.ForeignSource;
        return (message.Flags & LibC.MsgTruncated) != 0 ? DropReason.Truncated : DropReason.None;
    }

    /// <summary>SO_RXQ_OVFL: datagrams that the kernel has dropped at this socket since it was opened; false when not reported.</summary>
    internal bool TryReadOverflow(int position, out uint dropped)
    {
        dropped = 0;
        ref var message = ref _messages[position];
        const int HeaderBytes = 16;
        if (message.ControlLength < HeaderBytes + sizeof(uint)) return false;
        byte* control = message.Control;
        if (*(int*)(control + 8) != LibC.SolSocket || *(int*)(control + 12) != LibC.SoRxqOverflow) return false;
        dropped = *(uint*)(control + HeaderBytes);
        return true;
    }
}
