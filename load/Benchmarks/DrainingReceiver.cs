using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Comms.Media.Io;

namespace Comms.Benchmarks;

/// <summary>
/// One UDP port on every address of 127/8, read as fast as it fills by a thread of its own. Counts datagrams, and those that the
/// kernel had to drop because reading was too slow: one of them voids a measurement.
/// </summary>
internal sealed unsafe class DrainingReceiver : IDisposable
{
    private const int Batch = 256;
    private const int BytesEach = 64;
    private const int ReceiveBufferForce = 33;
    private const int BufferBytes = 256 * 1024 * 1024;
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly Thread _thread;
    private readonly SemaphoreSlim _pause = new(0);
    private long _received;
    private readonly int _datagramBytes;
    private volatile bool _stopping;

    /// <param name="datagramBytes">Only datagrams of this size count: reports and answers do not.</param>
    public DrainingReceiver(int datagramBytes)
    {
        _datagramBytes = datagramBytes;
        int size = BufferBytes;
        _socket.SetRawSocketOption(LibC.SolSocket, ReceiveBufferForce, new ReadOnlySpan<byte>(&size, sizeof(int)));
        _socket.Bind(new IPEndPoint(IPAddress.Any, 0));
        _socket.ReceiveTimeout = 200;
        Port = ((IPEndPoint)_socket.LocalEndPoint!).Port;
        _thread = new Thread(Run) { IsBackground = true, Name = "receiver" };
        _thread.Start();
    }

    public int Port { get; }

    public long Received => Volatile.Read(ref _received);

    /// <summary>Waits until so many have come in all. False: none came for two seconds, so some are lost.</summary>
    public bool WaitFor(long count)
    {
        long last = -1;
        for (int quiet = 0; Received < count; quiet = Received == last ? quiet + 1 : 0, last = Received)
        {
            if (quiet > 2_000) return false;
            _pause.Wait(1);
        }

        return true;
    }

    public void Dispose()
    {
        _stopping = true;
        _thread.Join();
        _socket.Dispose();
        _pause.Dispose();
    }

    private void Run()
    {
        var messages = (LibC.MessageHeaderEntry*)NativeMemory.AllocZeroed((nuint)(Batch * sizeof(LibC.MessageHeaderEntry)));
        var vectors = (LibC.IoVector*)NativeMemory.AllocZeroed((nuint)(Batch * sizeof(LibC.IoVector)));
        byte* bytes = (byte*)NativeMemory.Alloc(Batch * BytesEach);
        for (int i = 0; i < Batch; i++)
        {
            vectors[i] = new LibC.IoVector { Base = bytes + i * BytesEach, Length = BytesEach };
            messages[i].Vectors = &vectors[i];
            messages[i].VectorCount = 1;
        }

        const int WaitForOne = 0x10000;
        int descriptor = (int)_socket.Handle;
        while (!_stopping)
        {
            int count = LibC.ReceiveMany(descriptor, messages, Batch, WaitForOne | LibC.MsgTruncated, null);
            long wanted = 0;
            for (int i = 0; i < count; i++) wanted += messages[i].Length == _datagramBytes ? 1 : 0;
            Volatile.Write(ref _received, _received + wanted);
        }

        NativeMemory.Free(messages);
        NativeMemory.Free(vectors);
        NativeMemory.Free(bytes);
    }
}
