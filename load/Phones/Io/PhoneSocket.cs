using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Comms.Phones.Io;

/// <summary>One UDP socket on every local address: it serves all phones whose number falls to it, each by its own 127.x.y.z address.</summary>
internal sealed unsafe class PhoneSocket : IDisposable
{
    private const int ReceiveBufferBytes = 4 << 20;
    private const int SocketMemoryWords = 9;
    private const int DropsWord = 8;

    public PhoneSocket()
    {
        Descriptor = LibC.Socket(LibC.Inet, LibC.Datagram | LibC.NonBlocking | LibC.CloseOnExec, 0);
        Require(Descriptor, "socket");
        int one = 1;
        int bytes = ReceiveBufferBytes;
        Require(LibC.SetOption(Descriptor, LibC.LevelIp, LibC.PacketInfo, &one, sizeof(int)), "IP_PKTINFO");
        Require(LibC.SetOption(Descriptor, LibC.LevelSocket, LibC.TimestampNs, &one, sizeof(int)), "SO_TIMESTAMPNS");
        Require(LibC.SetOption(Descriptor, LibC.LevelSocket, LibC.ReceiveBuffer, &bytes, sizeof(int)), "SO_RCVBUF");
        Require(LibC.SetOption(Descriptor, LibC.LevelSocket, LibC.SendBuffer, &bytes, sizeof(int)), "SO_SNDBUF");
        LibC.SocketAddress address = new Endpoint(0, 0).ToNative();
        Require(LibC.Bind(Descriptor, &address, LibC.SocketAddress.Bytes), "bind");
        uint length = LibC.SocketAddress.Bytes;
        Require(LibC.GetSocketName(Descriptor, &address, &length), "getsockname");
        Port = BinaryPrimitives.ReverseEndianness(address.Port);
        Output = new SendBatch(Descriptor);
    }

    public int Descriptor { get; }

    public ushort Port { get; }

    public SendBatch Output { get; }

    /// <summary>Datagrams the kernel dropped at this socket since it was opened: the counter that SO_RXQ_OVFL reports.</summary>
    public uint KernelDrops
    {
        get
        {
            uint* words = stackalloc uint[SocketMemoryWords];
            uint bytes = SocketMemoryWords * sizeof(uint);
            return LibC.GetOption(Descriptor, LibC.LevelSocket, LibC.MemoryInfo, words, &bytes) == 0 ? words[DropsWord] : 0;
        }
    }

    public void Dispose()
    {
        _ = LibC.Close(Descriptor);
        Output.Dispose();
    }

    private static void Require(int result, string what)
    {
        if (result < 0) throw new IOException($"{what}: errno {Marshal.GetLastPInvokeError()}.");
    }
}
