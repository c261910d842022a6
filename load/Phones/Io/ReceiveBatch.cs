using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Comms.Phones.Io;

/// <summary>The memory of one loop's recvmmsg: payload, source, destination address (IP_PKTINFO) and the kernel's arrival stamp.</summary>
internal sealed unsafe class ReceiveBatch : IDisposable
{
    public const int Capacity = 128;
    private const int DatagramBytes = 2048;
    private const int ControlBytes = 128;
    private const int ControlHeaderBytes = 16;
    private readonly byte* _payloads = (byte*)NativeMemory.AlignedAlloc(Capacity * DatagramBytes, 64);
    private readonly byte* _controls = (byte*)NativeMemory.AllocZeroed(Capacity * ControlBytes);
    private readonly LibC.SocketAddress* _sources = (LibC.SocketAddress*)NativeMemory.AllocZeroed(Capacity * LibC.SocketAddress.Bytes);
    private readonly LibC.IoVector* _vectors = (LibC.IoVector*)NativeMemory.AllocZeroed((nuint)(Capacity * sizeof(LibC.IoVector)));
    private readonly LibC.Message* _messages = (LibC.Message*)NativeMemory.AllocZeroed((nuint)(Capacity * sizeof(LibC.Message)));

    public ReceiveBatch()
    {
        for (int i = 0; i < Capacity; i++)
        {
            _vectors[i] = new LibC.IoVector { Base = _payloads + i * DatagramBytes, Length = DatagramBytes };
            _messages[i].Name = _sources + i;
            _messages[i].Vectors = &_vectors[i];
            _messages[i].VectorCount = 1;
            _messages[i].Control = _controls + i * ControlBytes;
        }
    }

    /// <summary>The number of datagrams received; 0 when none waits.</summary>
    public int Receive(int descriptor)
    {
        for (int i = 0; i < Capacity; i++)
        {
            _messages[i].NameLength = LibC.SocketAddress.Bytes;
            _messages[i].ControlLength = ControlBytes;
        }

        return Math.Max(0, LibC.ReceiveMany(descriptor, _messages, Capacity, LibC.DontWait, null));
    }

    public Span<byte> Payload(int position) => new(_payloads + position * DatagramBytes, (int)_messages[position].Length);

    public Endpoint Source(int position) =>
        new(BinaryPrimitives.ReverseEndianness(_sources[position].Address), BinaryPrimitives.ReverseEndianness(_sources[position].Port));

    /// <summary>Reads the address the datagram was sent to and its arrival in real time; 0 for what the kernel did not say.</summary>
    public void ReadControl(int position, out uint destination, out long arrivalNs)
    {
        destination = 0;
        arrivalNs = 0;
        byte* at = _messages[position].Control;
        byte* end = at + _messages[position].ControlLength;
        while (at + ControlHeaderBytes <= end)
        {
            long bytes = *(long*)at;
            if (bytes < ControlHeaderBytes) return;
            int level = *(int*)(at + 8);
            int type = *(int*)(at + 12);
            byte* data = at + ControlHeaderBytes;
            if (level == LibC.LevelIp && type == LibC.PacketInfo) destination = BinaryPrimitives.ReverseEndianness(*(uint*)(data + 8));
            else if (level == LibC.LevelSocket && type == LibC.TimestampNs) arrivalNs = ((long*)data)[0] * 1_000_000_000 + ((long*)data)[1];
            at += (bytes + 7) & ~7;
        }
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_payloads);
        NativeMemory.Free(_controls);
        NativeMemory.Free(_sources);
        NativeMemory.Free(_vectors);
        NativeMemory.Free(_messages);
    }
}
