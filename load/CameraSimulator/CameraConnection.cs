using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using Comms.Media.Numbers;
using Comms.Media.Wire.Rtsp;

namespace Comms.CameraSimulator;

/// <summary>One client's connection: answers its requests and, while it plays, sends frames when they are due.</summary>
internal sealed class CameraConnection : IRtspStreamDirectory, IDisposable
{
    private const int FaultAfterMs = 5_000;
    private const int HopelesslyLateMs = 2_000;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(5);

    private readonly Socket _socket;
    private readonly CameraServer _server;
    private readonly RtspPlayback _playback;
    private readonly RtspServerSession _session;
    private readonly SemaphoreSlim _sending = new(1);
    private Task? _player;

    public CameraConnection(Socket socket, CameraServer server)
    {
        _socket = socket;
        _server = server;
        _playback = new RtspPlayback(this, RandomNumberGenerator.GetHexString(16, lowercase: true), server.Options.Credentials);
        _session = new RtspServerSession(_playback, Now);
    }

    private static Instant Now => new((long)(Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency)));

    public string? Describe(string path)
    {
        if (!CameraPath.TryParse(path, _server.Options.Cameras, out var camera))
        {
            return null;
        }

        var clip = _server.ReadyClip(camera);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"v=0\r\no=- {camera.Camera} 1 IN IP4 {_server.Options.Host}\r\ns=Camera {camera.Camera}\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\na=control:*\r\n"
            + $"m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
            + $"a=fmtp:96 packetization-mode=1;profile-level-id={clip.ProfileLevelId};sprop-parameter-sets={clip.Sprop}\r\n"
            + $"a=framerate:{ClipEncoder.FramesPerSecond}\r\na=control:track0\r\n");
    }

    public async Task RunAsync(CancellationToken cancellation)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            await _server.ClipsReady.WaitAsync(ended.Token);
            var buffer = new byte[16 * 1024];
            while (!_session.IsClosed)
            {
                var received = await _socket.ReceiveAsync(buffer, ended.Token);
                if (received == 0)
                {
                    break;
                }

                _session.HandleReceived(buffer.AsSpan(0, received), Now);
                while (_session.TryPollTransmit(out var bytes))
                {
                    await SendAsync(bytes, ended.Token);
                }

                if (_playback.IsPlaying && _player is null)
                {
                    _player = PlayAsync(ended.Token);
                }
            }
        }
        catch (Exception fault) when (fault is SocketException or OperationCanceledException)
        {
            // The client went away, or the simulator ends: nothing is left to do for this connection.
        }

        await ended.CancelAsync();
        _session.End("connection closed", Now);
        if (_player is not null)
        {
            await _player.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _sending.Dispose();
    }

    private async Task PlayAsync(CancellationToken cancellation)
    {
        await Task.Yield();
        CameraPath.TryParse(_playback.Path, _server.Options.Cameras, out var camera);
        var clip = _server.ReadyClip(camera);
        var rtp = new RtpWriter((uint)RandomNumberGenerator.GetInt32(int.MaxValue), _playback.RtpChannel, _playback.RtcpChannel);
        using var clock = new PeriodicTimer(Tick);
        var start = _server.ElapsedMs;
        var first = CameraServer.FrameAt(start) / clip.Frames.Count * clip.Frames.Count;
        first += KeyFrameBefore(clip, (int)(CameraServer.FrameAt(start) - first));
        for (var frame = first; !_playback.IsEnded; frame++)
        {
            var due = start + (frame - first) * 1000 / ClipEncoder.FramesPerSecond;
            while (_server.ElapsedMs < due)
            {
                await clock.WaitForNextTickAsync(cancellation);
            }

            if (camera.Fault != CameraFault.None && due - start > FaultAfterMs)
            {
                Fail(camera.Fault);
                return;
            }

            if (_playback.IsPlaying && _server.ElapsedMs - due < HopelesslyLateMs)
            {
                await SendAsync(rtp.Write(clip.Frames[(int)(frame % clip.Frames.Count)], frame, clip.Frames.Count), cancellation);
            }
        }
    }

    private static int KeyFrameBefore(Clip clip, int frame)
    {
        while (frame > 0 && !clip.Frames[frame].IsKeyFrame)
        {
            frame--;
        }

        return frame;
    }

    private void Fail(CameraFault fault)
    {
        if (fault == CameraFault.Cut)
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
    }

    private async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        await _sending.WaitAsync(cancellation);
        try
        {
            while (!bytes.IsEmpty)
            {
                bytes = bytes[await _socket.SendAsync(bytes, cancellation)..];
            }
        }
        finally
        {
            _sending.Release();
        }
    }
}
