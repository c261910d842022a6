using System.Net;
using System.Net.Sockets;
using Comms.Media.Numbers;

namespace Comms.Media.Io;

/// <summary>
/// A listening TCP socket on a loop. Each accepted connection is offered as a bare nonblocking descriptor, so that the taker may
/// build a <see cref="TcpConnection"/> on this loop or post it to another.
/// </summary>
public sealed unsafe class TcpListenerDescriptor : ILoopDescriptor, IDisposable
{
    private const int MaxAcceptsPerTurn = 32;
    private const int CloseOnExec = 0x80000;
    private readonly EventLoop _loop;
    private readonly Action<int, TransportAddress, Instant> _onAccepted;
    private readonly Socket _socket;

    /// <summary>Binds and listens; throws <see cref="SocketException"/> when the port is not to be had. Port 0 takes a free one.</summary>
    /// <param name="onAccepted">Takes over the descriptor: wraps it or closes it through <see cref="Refuse"/>.</param>
    public TcpListenerDescriptor(EventLoop loop, IPEndPoint local, Action<int, TransportAddress, Instant> onAccepted)
    {
        _loop = loop;
        _onAccepted = onAccepted;
        _socket = new Socket(local.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            int one = 1;
            const int ReuseAddress = 2;
            _socket.SetRawSocketOption(LibC.SolSocket, ReuseAddress, new ReadOnlySpan<byte>(&one, sizeof(int)));
            _socket.Bind(local);
            _socket.Listen(512);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }

        LocalEndPoint = (IPEndPoint)_socket.LocalEndPoint!;
        FileDescriptor = (int)_socket.SafeHandle.DangerousGetHandle();
        _ = LibC.FileControl(FileDescriptor, LibC.FileSetFlags, LibC.NonBlocking);
    }

    public IPEndPoint LocalEndPoint { get; }

    public int FileDescriptor { get; }

    /// <summary>Closes an accepted descriptor that nobody wants.</summary>
    public static void Refuse(int descriptor) => _ = LibC.Close(descriptor);

    /// <summary>Starts accepting. On the loop, or before it starts.</summary>
    public void Attach() => _loop.Register(this);

    public void OnReadable(Instant now)
    {
        byte* address = stackalloc byte[SocketAddressCodec.MaxBytes];
        for (int i = 0; i < MaxAcceptsPerTurn; i++)
        {
            uint bytes = SocketAddressCodec.MaxBytes;
            int descriptor = LibC.Accept(FileDescriptor, address, &bytes, CloseOnExec | LibC.NonBlocking);
            if (descriptor < 0) return;
            SocketAddressCodec.TryRead(address, bytes, out var remote);
            _onAccepted(descriptor, remote, now);
        }
    }

    public void OnWritable(Instant now)
    {
    }

    /// <summary>On the loop.</summary>
    public void Dispose()
    {
        _loop.Unregister(this);
        _socket.Dispose();
    }
}
