using Comms.Media.Io;
using Comms.Media.Numbers;
using Comms.Media.Wire.Rtsp;

namespace Comms.Media.Relay;

/// <summary>
/// One question for a sign of life, on one loop: connects, asks OPTIONS where RTSP is spoken (RFC 2326 §10.1), and tells once
/// what came of it. Any answer is a sign of life, a refusal too: OPTIONS needs no password with most cameras, and a question
/// must never be what locks an account.
/// </summary>
internal sealed class FeedProbe : ITcpConnectorOwner, ITcpConnectionOwner, ILoopTimerOwner
{
    private const int LimitMs = 5_000;

    private static readonly TcpConnectionLimits Limits = new(ReceiveBufferBytes: 4096, MaxQueuedBytes: 4096);

    private readonly EventLoop _loop;
    private readonly ProbeTarget _target;
    private readonly Action<string> _done;
    private readonly LoopTimer _timer;
    private readonly RtspStreamReader _reader = new();
    private TcpConnector? _connector;
    private TcpConnection? _connection;
    private bool _isEnded;

    private FeedProbe(EventLoop loop, ProbeTarget target, Action<string> done)
    {
        _loop = loop;
        _target = target;
        _done = done;
        _timer = new LoopTimer(this);
    }

    /// <summary>On the loop.</summary>
    /// <param name="done">Called once, on the loop: "" for a sign of life, else why there is none, see <see cref="RelayReason"/>.</param>
    public static void Start(EventLoop loop, ProbeTarget target, Action<string> done, Instant now)
    {
        var probe = new FeedProbe(loop, target, done);
        loop.Timers.Arm(probe._timer, now.AddMs(LimitMs));
        HostResolver.Resolve(loop, target.Host, target.Port, probe.Connect);
    }

    public void OnConnected(TcpConnector connector, int descriptor, Instant now)
    {
        _connector = null;
        _connection = new TcpConnection(_loop, descriptor, this, default, Limits);
        if (_target.OptionsUri is { } uri)
        {
            _connection.Write(RtspMessage.Request("OPTIONS", uri, 1).With("User-Agent", RtspClientSession.Agent).ToBytes(), now);
        }
        else
        {
            End("", now);
        }
    }

    public void OnRefused(TcpConnector connector, TcpConnectFailure failure, Instant now)
    {
        _connector = null;
        End(RelayReason.Of(failure), now);
    }

    public int OnReceived(TcpConnection connection, ReadOnlySpan<byte> bytes, Instant now)
    {
        var cursor = _reader.Open(bytes);
        var isAnswered = false;
        RtspElement element;
        while (cursor.TryRead(out element))
        {
            isAnswered |= element.Message is { IsRequest: false };
        }

        cursor.Close();
        if (isAnswered)
        {
            End("", now);
        }
        else if (element.Kind == RtspElementKind.Violation)
        {
            End(RelayReason.NotUnderstood, now);
        }

        return bytes.Length;
    }

    public void OnClosed(TcpConnection connection, TcpCloseReason reason, Instant now) => End(RelayReason.ClosedByCamera, now);

    public void OnTimer(LoopTimer timer, Instant now) => End(_connection is null ? RelayReason.TimedOut : RelayReason.NoAnswer, now);

    private void Connect(TransportAddress? address, Instant now)
    {
        if (_isEnded)
        {
            return;
        }

        if (address is not { } found)
        {
            End(RelayReason.UnknownHost, now);
            return;
        }

        _connector = TcpConnector.Start(_loop, found, LimitMs, this, out var failure);
        if (_connector is null)
        {
            End(RelayReason.Of(failure), now);
        }
    }

    private void End(string reason, Instant now)
    {
        if (_isEnded)
        {
            return;
        }

        _isEnded = true;
        _loop.Timers.Cancel(_timer);
        _connector?.Cancel();
        _connection?.Close(now);
        _reader.Release();
        _done(reason);
    }
}
