using System.Net;
using System.Net.Sockets;
using Comms.Media.Numbers;
using Comms.Media.Session;

namespace Comms.Media.Io;

/// <summary>How a socket is opened.</summary>
public sealed record UdpSocketOptions
{
    /// <summary>Several loops share the port, each with a socket of its own (SO_REUSEPORT); all are opened before traffic starts.</summary>
    public bool SharePort { get; init; }

    /// <summary>SO_RCVBUF in bytes; the kernel's rmem_max limits it. 0 leaves the kernel's default.</summary>
    public int ReceiveBufferBytes { get; init; }

    /// <summary>SO_SNDBUF in bytes; the kernel's wmem_max limits it. 0 leaves the kernel's default.</summary>
    public int SendBufferBytes { get; init; }

    /// <summary>True gathers datagrams of a turn for sendmmsg (fan-out); false sends each at once and needs no memory (a leg).</summary>
    public bool Batched { get; init; }

    /// <summary>Batched only: bursts of equal datagrams to one destination go to the kernel as one message (UDP_SEGMENT).</summary>
    public bool Segments { get; init; } = true;
}

/// <summary>
/// One UDP socket on one loop, bound to one local address, receiving in batches and sending in batches. Counters may be read
/// from any thread; everything else is the loop's.
/// </summary>
public sealed unsafe class UdpSocket : ILoopDescriptor, ILoopTurnEnd, IDatagramOutput, IDisposable
{
    /// <summary>Receive batches per readiness, so that one flooded socket does not starve the loop's others.</summary>
    private const int MaxBatchesPerTurn = 4;

    /// <summary>The same while a fan-out waits for its next slice: a flood of checks must not stretch running voice.</summary>
    private const int MaxBatchesBesideWork = 1;

    private readonly EventLoop _loop;
    private readonly UdpReceiveBatch _receive;
    private readonly IDatagramReceiver _receiver;
    private readonly DropCounters _drops;
    private readonly Socket _socket;
    private readonly UdpSendBatch? _send;
    private readonly byte[]? _scratch;
    private long _received;
    private long _sent;
    private long _overflows;
    private bool _disposed;

    /// <summary>Binds; throws <see cref="SocketException"/> when the address or port is not to be had. Port 0 takes a free one.</summary>
    public UdpSocket(EventLoop loop, UdpReceiveBatch receive, IDatagramReceiver receiver, DropCounters drops, IPEndPoint local, UdpSocketOptions options)
    {
        _loop = loop;
        _receive = receive;
        _receiver = receiver;
        _drops = drops;
        _socket = Open(local, options);
        LocalEndPoint = (IPEndPoint)_socket.LocalEndPoint!;
        Local = TransportAddress.From(LocalEndPoint);
        FileDescriptor = (int)_socket.SafeHandle.DangerousGetHandle();
        if (options.Batched) _send = new UdpSendBatch(options.Segments);
        else _scratch = GC.AllocateUninitializedArray<byte>(UdpReceiveBatch.MaxDatagramBytes, pinned: true);
    }

    public IPEndPoint LocalEndPoint { get; }

    public TransportAddress Local { get; }

    public int FileDescriptor { get; }

    public bool IsBlocked { get; private set; }

    public long PacketsReceived => Volatile.Read(ref _received);

    public long PacketsSent => Volatile.Read(ref _sent);

    /// <summary>Datagrams that the kernel dropped because this socket was not read in time (SO_RXQ_OVFL).</summary>
    public long KernelOverflows => Volatile.Read(ref _overflows);

    /// <summary>Starts receiving. On the loop, or before it starts.</summary>
    public void Attach()
    {
        _loop.Register(this);
        if (_send is not null) _loop.AddTurnEnd(this);
    }

    public void OnReadable(Instant now)
    {
        int batches = _loop.LongWorks > 0 ? MaxBatchesBesideWork : MaxBatchesPerTurn;
        for (int batch = 0; batch < batches && !_disposed; batch++)
        {
            int count = _receive.Receive(FileDescriptor);
            bool full = _receive.WasFull;
            if (count > 0 && _receive.TryReadOverflow(count - 1, out uint overflow)) Volatile.Write(ref _overflows, overflow);
            for (int i = 0; i < count; i++)
            {
                var drop = _receive.Read(i, out var datagram, out var from);
                if (drop == DropReason.None) _receiver.OnDatagram(this, datagram, from, now);
                else _drops.Count(drop);
            }

            _received += count;
            if (!full) return;
        }
    }

    public void OnWritable(Instant now)
    {
        IsBlocked = false;
        _loop.Modify(this, LoopInterest.Read);
        OnTurnEnd(now);
    }

    public void OnTurnEnd(Instant now)
    {
        if (_send is { IsEmpty: false } && !IsBlocked) Flush();
    }

    public Span<byte> Reserve(int maxBytes)
    {
        if (_send is null) return _scratch.AsSpan(0, maxBytes);
        if (!IsBlocked && !_send.HasRoom(maxBytes)) Flush();
        return IsBlocked ? default : _send.Room(maxBytes);
    }

    public void Commit(int length, in TransportAddress to)
    {
        if (_send is not null) _send.Add(length, to);
        else SendNow(length, to);
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _loop.Unregister(this);
        _loop.RemoveTurnEnd(this);
        _socket.Dispose();
        _send?.Dispose();
    }

    private static Socket Open(IPEndPoint local, UdpSocketOptions options)
    {
        var socket = new Socket(local.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (local.AddressFamily == AddressFamily.InterNetworkV6) socket.DualMode = false;
            int one = 1;
            var on = new ReadOnlySpan<byte>(&one, sizeof(int));
            socket.SetRawSocketOption(LibC.SolSocket, LibC.SoRxqOverflow, on);
            if (options.Batched && local.AddressFamily == AddressFamily.InterNetwork) NeverFragment(socket);
            if (options.SharePort) socket.SetRawSocketOption(LibC.SolSocket, LibC.SoReusePort, on);
            if (options.ReceiveBufferBytes > 0) socket.ReceiveBufferSize = options.ReceiveBufferBytes;
            if (options.SendBufferBytes > 0) socket.SendBufferSize = options.SendBufferBytes;
            socket.Bind(local);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // Nothing that we batch exceeds 1,200 bytes, which every path carries that carries QUIC (RFC 9000 §14): the kernel need not think
    // of an identification for fragments, which costs it a twentieth of a datagram.
    private static void NeverFragment(Socket socket)
    {
        int probe = LibC.IpMtuDiscoverProbe;
        socket.SetRawSocketOption(LibC.IpProtocol, LibC.IpMtuDiscover, new ReadOnlySpan<byte>(&probe, sizeof(int)));
    }

    private void Flush()
    {
        long sent = _sent;
        bool done = _send!.Flush(FileDescriptor, _drops, ref sent);
        Volatile.Write(ref _sent, sent);
        if (done) return;
        IsBlocked = true;
        _loop.Modify(this, LoopInterest.ReadWrite);
    }

    private void SendNow(int length, in TransportAddress to)
    {
        byte* address = stackalloc byte[SocketAddressCodec.MaxBytes];
        uint addressBytes = SocketAddressCodec.Write(address, to);
        fixed (byte* bytes = _scratch)
        {
            if (LibC.SendTo(FileDescriptor, bytes, (nuint)length, LibC.MsgDontWait | LibC.MsgNoSignal, address, addressBytes) >= 0) _sent++;
            else _drops.Count(DropReason.SendFailed);
        }
    }
}
