using System.Globalization;
using System.Security.Cryptography;
using Comms.Media.Io;
using Comms.Media.Numbers;
using Comms.Media.Wire.Rtsp;

namespace Comms.CameraSimulator;

/// <summary>One client's connection on one loop: answers its requests and, while it plays, sends frames when they are due.</summary>
internal sealed class CameraConnection : ITcpConnectionOwner, ILoopTimerOwner, IRtspStreamDirectory
{
    private const int FaultAfterMs = 5_000;
    private const int HopelesslyLateMs = 2_000;

    /// <summary>A client that takes its bytes this late gets no further frames until it has taken some.</summary>
    private const int MaxUnsentBytes = 128 * 1024;

    private static readonly TcpConnectionLimits Limits = new(ReceiveBufferBytes: 4 * 1024, MaxQueuedBytes: 1024 * 1024);

    private readonly EventLoop _loop;
    private readonly CameraServer _server;
    private readonly TcpConnection _connection;
    private readonly RtspPlayback _playback;
    private readonly RtspServerSession _session;
    private readonly LoopTimer _timer;
    private CameraPath _camera;
    private Clip? _clip;
    private RtpWriter? _rtp;
    private Instant _start;
    private long _first;
    private long _next;

    public CameraConnection(EventLoop loop, int descriptor, TransportAddress remote, CameraServer server, Instant now)
    {
        _loop = loop;
        _server = server;
        _timer = new LoopTimer(this);
        _playback = new RtspPlayback(this, RandomNumberGenerator.GetHexString(16, lowercase: true), server.Options.Credentials);
        _session = new RtspServerSession(_playback, now);
        _connection = new TcpConnection(loop, descriptor, this, remote, Limits);
    }

    private int FramesPerSecond => _server.Options.FramesPerSecond;

    public string? Describe(string path)
    {
        if (!CameraPath.TryParse(path, _server.Options.Cameras, out var camera) || _server.ReadyClip(camera) is not { } clip)
        {
            return null;
        }

        if (camera.Fault == CameraFault.BrokenSdp)
        {
            return "v=0\no=\ns\nx=y=z\nc=IN\na=control:*\nm=video 0 RTP/AVP 96\na=fmtp\na=rtpmap:\na=control:track0";
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"v=0\r\no=- {camera.Camera} 1 IN IP4 {_server.Options.Host}\r\ns=Camera {camera.Camera}\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\na=control:*\r\n"
            + $"m=video 0 RTP/AVP 96\r\n{clip.Format}a=framerate:{FramesPerSecond}\r\na=control:track0\r\n");
    }

    public int OnReceived(TcpConnection connection, ReadOnlySpan<byte> bytes, Instant now)
    {
        _session.HandleReceived(bytes, now);
        while (_session.TryPollTransmit(out var answer))
        {
            connection.Write(answer, now);
        }

        if (_session.IsClosed)
        {
            connection.Close(now);
        }
        else if (_playback.IsPlaying && _rtp is null)
        {
            Begin(now);
        }

        return bytes.Length;
    }

    public void OnClosed(TcpConnection connection, TcpCloseReason reason, Instant now)
    {
        _loop.Timers.Cancel(_timer);
        _session.End("connection closed", now);
    }

    public void OnTimer(LoopTimer timer, Instant now)
    {
        for (var due = DueOf(_next); due <= now && !_connection.IsClosed; due = DueOf(_next))
        {
            if (_camera.Fault is CameraFault.Stall or CameraFault.Cut && due.MsSince(_start) > FaultAfterMs)
            {
                Fail(now);
                return;
            }

            if (_playback.IsPlaying && now.MsSince(due) < HopelesslyLateMs && _connection.QueuedBytes < MaxUnsentBytes)
            {
                if (_camera.Fault == CameraFault.Garbage)
                {
                    _connection.Write("\r\n###$$\u0001\u0002 not a packet"u8, now);
                }

                var frame = _clip!.Frames[(int)(_next % _clip.Frames.Count)];
                _connection.Write(_rtp!.Write(frame, _next, _clip.Frames.Count, _server.Scratch(_loop)), now);
            }

            _next++;
        }

        if (!_connection.IsClosed)
        {
            _loop.Timers.Arm(_timer, DueOf(_next));
        }
    }

    /// <summary>A camera begins with the key frame before the frame that it shows now.</summary>
    private void Begin(Instant now)
    {
        CameraPath.TryParse(_playback.Path, _server.Options.Cameras, out _camera);
        _clip = _server.ReadyClip(_camera)!;
        _rtp = new RtpWriter((uint)RandomNumberGenerator.GetInt32(int.MaxValue), _playback.RtpChannel, _playback.RtcpChannel, FramesPerSecond);
        _start = now;
        _first = _server.FrameAt(now);
        while (_camera.Fault != CameraFault.Late && !_clip.Frames[(int)(_first % _clip.Frames.Count)].IsKeyFrame)
        {
            _first--;
        }

        _next = _first;
        OnTimer(_timer, now);
    }

    private Instant DueOf(long frame) => _start.AddUs((frame - _first) * 1_000_000 / FramesPerSecond);

    /// <summary>A stalled camera keeps its connection and sends nothing any more.</summary>
    private void Fail(Instant now)
    {
        if (_camera.Fault == CameraFault.Cut)
        {
            _connection.Close(now);
        }
    }
}
