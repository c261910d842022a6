using System.Runtime.InteropServices;
using System.Text;
using Comms.Phones.Io;

namespace Comms.Phones.Control;

/// <summary>A WebSocket over its own TCP connection, from the phone's own address; a raw descriptor in the loop's epoll.</summary>
internal sealed unsafe class TcpLink : ControlLink
{
    private readonly Epoll _epoll;
    private readonly ulong _tag;
    private readonly byte[] _request;
    private byte[] _unsent = [];
    private int _descriptor;
    private bool _isConnected;
    private bool _isUpgraded;
    private byte[] _answer = [];

    /// <param name="request">The HTTP upgrade request, whole.</param>
    public TcpLink(IHubEvents events, Epoll epoll, ulong tag, uint source, Endpoint server, byte[] request)
        : base(events)
    {
        (_epoll, _tag, _request) = (epoll, tag, request);
        _descriptor = LibC.Socket(LibC.Inet, LibC.Stream | LibC.NonBlocking | LibC.CloseOnExec, 0);
        if (_descriptor < 0) throw new IOException($"socket: errno {Marshal.GetLastPInvokeError()}; the open-file limit is too low for one connection per phone.");
        int one = 1;
        _ = LibC.SetOption(_descriptor, LibC.LevelTcp, LibC.NoDelay, &one, sizeof(int));
        _ = LibC.SetOption(_descriptor, LibC.LevelIp, LibC.BindAddressNoPort, &one, sizeof(int));
        LibC.SocketAddress own = new Endpoint(source, 0).ToNative();
        if (LibC.Bind(_descriptor, &own, LibC.SocketAddress.Bytes) < 0) throw new IOException($"bind: errno {Marshal.GetLastPInvokeError()}.");
        LibC.SocketAddress target = server.ToNative();
        if (LibC.Connect(_descriptor, &target, LibC.SocketAddress.Bytes) < 0 && Marshal.GetLastPInvokeError() != LibC.Einprogress)
            throw new IOException($"connect: errno {Marshal.GetLastPInvokeError()}.");
        _epoll.Add(_descriptor, tag, writable: true);
    }

    /// <summary>The upgrade request of a page, with the token where a browser must put it.</summary>
    public static byte[] Request(string host, string token) => Encoding.ASCII.GetBytes(
        $"GET /hub?access_token={Uri.EscapeDataString(token)} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        + $"Origin: http://{host}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n");

    public void OnWritable()
    {
        if (IsClosed) return;
        if (!_isConnected)
        {
            _isConnected = true;
            _unsent = _request;
        }

        ReadOnlySpan<byte> rest = _unsent;
        _unsent = [];
        _epoll.Modify(_descriptor, _tag, writable: false);
        SendBytes(rest);
    }

    public void OnReadable(Span<byte> buffer, long nowNs)
    {
        while (!IsClosed)
        {
            nint taken;
            fixed (byte* bytes = buffer) taken = LibC.Receive(_descriptor, bytes, (nuint)buffer.Length, LibC.DontWait);
            if (taken > 0)
            {
                Take(buffer[..(int)taken], nowNs);
                if (taken < buffer.Length) return;
                continue;
            }

            int error = taken == 0 ? 0 : Marshal.GetLastPInvokeError();
            if (error is LibC.Eagain or LibC.Eintr) return;
            Close(error == 0 ? "the server closed the connection" : $"recv: errno {error}");
        }
    }

    protected override void SendBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return;
        if (_unsent.Length > 0 || !_isConnected)
        {
            _unsent = [.. _unsent, .. bytes];
            return;
        }

        nint sent;
        fixed (byte* start = bytes) sent = LibC.Send(_descriptor, start, (nuint)bytes.Length, LibC.DontWait | LibC.NoSignal);
        int error = sent < 0 ? Marshal.GetLastPInvokeError() : 0;
        if (sent < 0 && error is not (LibC.Eagain or LibC.Eintr))
        {
            Close($"send: errno {error}");
            return;
        }

        int taken = Math.Max(0, (int)sent);
        if (taken == bytes.Length) return;
        _unsent = bytes[taken..].ToArray();
        _epoll.Modify(_descriptor, _tag, writable: true);
    }

    protected override void Release()
    {
        if (_descriptor < 0) return;
        _ = LibC.Close(_descriptor);
        _descriptor = -1;
    }

    private void Take(ReadOnlySpan<byte> bytes, long nowNs)
    {
        if (_isUpgraded)
        {
            TakeFrames(bytes, nowNs);
            return;
        }

        _answer = [.. _answer, .. bytes];
        int end = _answer.AsSpan().IndexOf("\r\n\r\n"u8);
        if (end < 0) return;
        if (!_answer.AsSpan().StartsWith("HTTP/1.1 101"u8))
        {
            Close($"the upgrade was answered {Encoding.ASCII.GetString(_answer.AsSpan(0, Math.Min(end, 64)))}");
            return;
        }

        byte[] rest = _answer[(end + 4)..];
        _answer = [];
        _isUpgraded = true;
        SendOpening();
        if (rest.Length > 0) TakeFrames(rest, nowNs);
    }
}
