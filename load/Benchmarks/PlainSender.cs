using System.Runtime.InteropServices;
using Comms.Media.Io;
using Comms.Media.Numbers;

namespace Comms.Benchmarks;

/// <summary>The yardstick: sendmmsg alone, of prebuilt datagrams of their own for each destination, in the batches of the media loop.</summary>
internal sealed unsafe class PlainSender : IDisposable
{
    private const int Batch = 128;
    private const int ThreadClock = 3;
    private readonly int _count;
    private readonly byte* _datagrams;
    private readonly byte* _addresses;
    private readonly LibC.IoVector* _vectors;
    private readonly LibC.MessageHeaderEntry* _messages;

    public PlainSender(IReadOnlyList<TransportAddress> destinations, int datagramBytes)
    {
        _count = destinations.Count;
        _datagrams = (byte*)NativeMemory.AllocZeroed((nuint)_count, (nuint)datagramBytes);
        _addresses = (byte*)NativeMemory.AllocZeroed((nuint)_count, SocketAddressCodec.MaxBytes);
        _vectors = (LibC.IoVector*)NativeMemory.AllocZeroed((nuint)_count, (nuint)sizeof(LibC.IoVector));
        _messages = (LibC.MessageHeaderEntry*)NativeMemory.AllocZeroed((nuint)_count, (nuint)sizeof(LibC.MessageHeaderEntry));
        for (int i = 0; i < _count; i++)
        {
            _vectors[i] = new LibC.IoVector { Base = _datagrams + (long)i * datagramBytes, Length = (nuint)datagramBytes };
            _messages[i].Name = _addresses + (long)i * SocketAddressCodec.MaxBytes;
            _messages[i].NameLength = SocketAddressCodec.Write(_messages[i].Name, destinations[i]);
            _messages[i].Vectors = &_vectors[i];
            _messages[i].VectorCount = 1;
        }
    }

    /// <summary>Sends one datagram to each destination by a socket; returns the CPU nanoseconds of the calling thread.</summary>
    public long SendAll(int descriptor)
    {
        long before = CpuNanoseconds();
        for (int sent = 0; sent < _count;)
        {
            int taken = LibC.SendMany(descriptor, _messages + sent, (uint)Math.Min(Batch, _count - sent), LibC.MsgNoSignal);
            if (taken > 0) sent += taken;
        }

        return CpuNanoseconds() - before;
    }

    public void Dispose()
    {
        NativeMemory.Free(_datagrams);
        NativeMemory.Free(_addresses);
        NativeMemory.Free(_vectors);
        NativeMemory.Free(_messages);
    }

    /// <summary>CPU time of the calling thread.</summary>
    public static long CpuNanoseconds()
    {
        LibC.TimeSpec time;
        _ = LibC.ClockGetTime(ThreadClock, &time);
        return time.Seconds * 1_000_000_000 + time.Nanoseconds;
    }
}
