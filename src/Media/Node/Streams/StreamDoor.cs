using System.Text;
using Comms.Media.Io;
using Comms.Media.Numbers;

namespace Comms.Media.Node.Streams;

/// <summary>A new connection until its first line tells the camera; then the camera's loop takes it over.</summary>
internal sealed class StreamDoor : ITcpConnectionOwner, ILoopTimerOwner
{
    private const int FirstLineMs = 10_000;
    private static readonly TcpConnectionLimits Limits = new(ReceiveBufferBytes: 4 * 1024, MaxQueuedBytes: 1024);

    private readonly StreamServer _server;
    private readonly EventLoop _loop;
    private readonly TcpConnection _connection;
    private readonly LoopTimer _timer;

    public StreamDoor(StreamServer server, EventLoop loop, int descriptor, TransportAddress remote, Instant now)
    {
        _server = server;
        _loop = loop;
        _timer = new LoopTimer(this);
        _loop.Timers.Arm(_timer, now.AddMs(FirstLineMs));
        _connection = new TcpConnection(loop, descriptor, this, remote, Limits);
    }

    public int OnReceived(TcpConnection connection, ReadOnlySpan<byte> bytes, Instant now)
    {
        int end = bytes.IndexOf((byte)'\n');
        if (end < 0) return 0;
        string[] line = Encoding.UTF8.GetString(bytes[..end]).Split(' ');
        if (line.Length < 3 || StreamPath.Parse(line[1]) is not { } path)
        {
            connection.Close(now);
            return bytes.Length;
        }

        _loop.Timers.Cancel(_timer);
        byte[] first = bytes.ToArray();
        var (server, remote, loop) = (_server, connection.Remote, _server.LoopOf(path.CameraId));
        int descriptor = connection.Release();
        if (!loop.Events.Post(at => StreamConnection.Open(server, loop, descriptor, remote, first, at))) TcpListenerDescriptor.Refuse(descriptor);
        return bytes.Length;
    }

    public void OnClosed(TcpConnection connection, TcpCloseReason reason, Instant now) => _loop.Timers.Cancel(_timer);

    public void OnTimer(LoopTimer timer, Instant now) => _connection.Close(now);
}
