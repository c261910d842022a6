using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Comms.Phones.Io;

/// <summary>Datagrams on their way to sendmmsg, each with the phone's own source address (IP_PKTINFO).</summary>
internal sealed unsafe class SendBatch : IDisposable
{
    public const int DatagramBytes = 1_536;
    private const int Capacity = 64;
    private const int ControlBytes = 32;
    private readonly byte* _payloads = (byte*)NativeMemory.AlignedAlloc(Capacity * DatagramBytes, 64);
    private readonly byte* _controls = (byte*)NativeMemory.AllocZeroed(Capacity * ControlBytes);
    private readonly LibC.SocketAddress* _targets = (LibC.SocketAddress*)NativeMemory.AllocZeroed(Capacity * LibC.SocketAddress.Bytes);
    private readonly LibC.IoVector* _vectors = (LibC.IoVector*)NativeMemory.AllocZeroed((nuint)(Capacity * sizeof(LibC.IoVector)));
    private readonly LibC.Message* _messages = (LibC.Message*)NativeMemory.AllocZeroed((nuint)(Capacity * sizeof(LibC.Message)));
    private readonly int _descriptor;
    private int _count;

    public SendBatch(int descriptor)
    {
        _descriptor = descriptor;
        for (int i = 0; i < Capacity; i++)
        {
            byte* control = _controls + i * ControlBytes;
            *(long*)control = 16 + 12;
            *(int*)(control + 8) = LibC.LevelIp;
            *(int*)(control + 12) = LibC.PacketInfo;
            _messages[i].Name = _targets + i;
            _messages[i].NameLength = LibC.SocketAddress.Bytes;
            _messages[i].Vectors = &_vectors[i];
            _messages[i].VectorCount = 1;
            _messages[i].Control = control;
            _messages[i].ControlLength = ControlBytes;
        }
    }

    /// <summary>Datagrams that the kernel refused.</summary>
    public long Refused { get; private set; }

    /// <summary>Room for one datagram of at most <see cref="DatagramBytes"/>; <see cref="Commit"/> sends it.</summary>
    public Span<byte> Reserve()
    {
        if (_count == Capacity) Flush();
        return new Span<byte>(_payloads + _count * DatagramBytes, DatagramBytes);
    }

    public void Commit(int bytes, uint source, in Endpoint target)
    {
        _vectors[_count] = new LibC.IoVector { Base = _payloads + _count * DatagramBytes, Length = (nuint)bytes };
        _targets[_count] = target.ToNative();
        // struct in_pktinfo: interface index, source address to use, destination.
        *(uint*)(_messages[_count].Control + 20) = BinaryPrimitives.ReverseEndianness(source);
        _count++;
    }

    public void Flush()
    {
        for (int sent = 0; sent < _count;)
        {
            int taken = LibC.SendMany(_descriptor, _messages + sent, (uint)(_count - sent), LibC.NoSignal);
            if (taken > 0)
            {
                sent += taken;
                continue;
            }

            if (Marshal.GetLastPInvokeError() == LibC.Eintr) continue;
            Refused++;
            sent++;
        }

        _count = 0;
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_payloads);
        NativeMemory.Free(_controls);
        NativeMemory.Free(_targets);
        NativeMemory.Free(_vectors);
        NativeMemory.Free(_messages);
    }
}
