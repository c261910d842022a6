using System.Buffers;
using System.Runtime.InteropServices;
using Comms.Media.Numbers;

namespace Comms.Media.Io;

/// <summary>What a connection tells its owner, on its loop.</summary>
public interface ITcpConnectionOwner
{
    /// <summary>
    /// Bytes that have arrived and are not consumed yet; returns how many of them were consumed. What is left is offered again
    /// with the next bytes. A full buffer of which nothing is consumed ends the connection.
    /// </summary>
    int OnReceived(TcpConnection connection, ReadOnlySpan<byte> bytes, Instant now);

    /// <summary>Called once: the peer closed, the link broke, a bound was passed or <see cref="TcpConnection.Close"/> was called.</summary>
    void OnClosed(TcpConnection connection, TcpCloseReason reason, Instant now);
}

/// <summary>Why a connection ended.</summary>
public enum TcpCloseReason
{
    Local,
    PeerClosed,
    Failed,

    /// <summary>A message did not fit the receive buffer.</summary>
    ReceiveBufferFull,

    /// <summary>The peer reads too slowly: the bounded write queue is full.</summary>
    WriteQueueFull,
}

/// <summary>
/// One nonblocking TCP connection on one loop: reads into a pooled buffer that it holds only while something is not consumed,
/// writes at once and keeps what the kernel does not take in a bounded pooled queue. Owned by its loop.
/// </summary>
public sealed unsafe class TcpConnection : ILoopDescriptor
{
    private const int MaxReadsPerTurn = 4;
    private readonly EventLoop _loop;
    private readonly ITcpConnectionOwner _owner;
    private readonly TcpConnectionLimits _limits;
    private byte[] _received = [];
    private int _receivedBytes;
    private byte[]? _queued;
    private int _queuedFrom;
    private int _queuedTo;

    /// <summary>Takes over an accepted, connected descriptor and registers it.</summary>
    public TcpConnection(EventLoop loop, int descriptor, ITcpConnectionOwner owner, TransportAddress remote, TcpConnectionLimits limits)
    {
        _loop = loop;
        _owner = owner;
        _limits = limits;
        FileDescriptor = descriptor;
        Remote = remote;
        loop.Register(this);
    }

    public int FileDescriptor { get; }

    public TransportAddress Remote { get; }

    public bool IsClosed { get; private set; }

    /// <summary>Bytes that the kernel has not taken yet.</summary>
    public int QueuedBytes => _queuedTo - _queuedFrom;

    public void OnReadable(Instant now)
    {
        if (_received.Length == 0) _received = ArrayPool<byte>.Shared.Rent(_limits.ReceiveBufferBytes);
        ReadAvailable(now);
        if (_receivedBytes == 0) ReleaseReceived();
    }

    public void OnWritable(Instant now)
    {
        if (!TryWriteQueued())
        {
            End(TcpCloseReason.Failed, now);
            return;
        }

        if (QueuedBytes == 0) _loop.Modify(this, LoopInterest.Read);
    }

    /// <summary>Sends or queues the bytes. False: the connection is closed, or was closed by this call because its queue is full.</summary>
    public bool Write(ReadOnlySpan<byte> bytes, Instant now)
    {
        if (IsClosed) return false;
        int taken = 0;
        if (QueuedBytes == 0 && !TrySend(bytes, out taken))
        {
            End(TcpCloseReason.Failed, now);
            return false;
        }

        if (taken == bytes.Length) return true;
        if (Enqueue(bytes[taken..])) return true;
        End(TcpCloseReason.WriteQueueFull, now);
        return false;
    }

    public void Close(Instant now) => End(TcpCloseReason.Local, now);

    /// <summary>Gives the descriptor up, open, for another loop to take over. Unsent bytes are lost; the owner hears nothing more.</summary>
    public int Release()
    {
        IsClosed = true;
        _loop.Unregister(this);
        _receivedBytes = 0;
        ReleaseReceived();
        ReleaseQueued();
        return FileDescriptor;
    }

    private void ReadAvailable(Instant now)
    {
        for (int i = 0; i < MaxReadsPerTurn && !IsClosed; i++)
        {
            int room = _received.Length - _receivedBytes;
            nint count;
            fixed (byte* buffer = _received)
            {
                count = LibC.Receive(FileDescriptor, buffer + _receivedBytes, (nuint)room, LibC.MsgDontWait);
            }

            if (count <= 0)
            {
                int error = count == 0 ? 0 : Marshal.GetLastPInvokeError();
                if (error is LibC.Eagain or LibC.Eintr) return;
                End(count == 0 ? TcpCloseReason.PeerClosed : TcpCloseReason.Failed, now);
                return;
            }

            _receivedBytes += (int)count;
            Offer(now);
            if (count < room) return;
        }
    }

    private void Offer(Instant now)
    {
        int consumed = _owner.OnReceived(this, _received.AsSpan(0, _receivedBytes), now);
        if (IsClosed) return;
        _receivedBytes -= consumed;
        if (_receivedBytes > 0 && consumed > 0) Buffer.BlockCopy(_received, consumed, _received, 0, _receivedBytes);
        if (_receivedBytes == _received.Length) End(TcpCloseReason.ReceiveBufferFull, now);
    }

    private bool Enqueue(ReadOnlySpan<byte> bytes)
    {
        if (QueuedBytes + bytes.Length > _limits.MaxQueuedBytes) return false;
        if (_queued is null)
        {
            _queued = ArrayPool<byte>.Shared.Rent(_limits.MaxQueuedBytes);
            _queuedFrom = _queuedTo = 0;
        }

        if (_queuedTo + bytes.Length > _queued.Length)
        {
            Buffer.BlockCopy(_queued, _queuedFrom, _queued, 0, QueuedBytes);
            _queuedTo -= _queuedFrom;
            _queuedFrom = 0;
        }

        if (QueuedBytes == 0) _loop.Modify(this, LoopInterest.ReadWrite);
        bytes.CopyTo(_queued.AsSpan(_queuedTo));
        _queuedTo += bytes.Length;
        return true;
    }

    private bool TryWriteQueued()
    {
        if (!TrySend(_queued.AsSpan(_queuedFrom, QueuedBytes), out int taken)) return false;
        _queuedFrom += taken;
        if (QueuedBytes == 0) ReleaseQueued();
        return true;
    }

    private bool TrySend(ReadOnlySpan<byte> bytes, out int taken)
    {
        taken = 0;
        while (taken < bytes.Length)
        {
            nint count;
            fixed (byte* start = bytes)
            {
                count = LibC.Send(FileDescriptor, start + taken, (nuint)(bytes.Length - taken), LibC.MsgDontWait | LibC.MsgNoSignal);
            }

            if (count < 0)
            {
                int error = Marshal.GetLastPInvokeError();
                if (error == LibC.Eintr) continue;
                return error == LibC.Eagain;
            }

            taken += (int)count;
        }

        return true;
    }

    private void ReleaseQueued()
    {
        if (_queued is not null) ArrayPool<byte>.Shared.Return(_queued);
        _queued = null;
        _queuedFrom = _queuedTo = 0;
    }

    private void ReleaseReceived()
    {
        if (_received.Length > 0) ArrayPool<byte>.Shared.Return(_received);
        _received = [];
    }

    private void End(TcpCloseReason reason, Instant now)
    {
        if (IsClosed) return;
        IsClosed = true;
        _loop.Unregister(this);
        _ = LibC.Close(FileDescriptor);
        _receivedBytes = 0;
        ReleaseReceived();
        ReleaseQueued();
        _owner.OnClosed(this, reason, now);
    }
}

/// <summary>Bounds of one connection's memory.</summary>
/// <param name="ReceiveBufferBytes">The longest message that can be taken in.</param>
/// <param name="MaxQueuedBytes">Unsent bytes before the connection is closed as too slow.</param>
public sealed record TcpConnectionLimits(int ReceiveBufferBytes = 128 * 1024, int MaxQueuedBytes = 256 * 1024);
