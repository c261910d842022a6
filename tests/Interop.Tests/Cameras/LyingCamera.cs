using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Comms.Media.Numbers;
using Comms.Media.Wire.Rtsp;

namespace Comms.Interop.Tests.Cameras;

/// <summary>How a camera misbehaves.</summary>
public enum CameraLie
{
    /// <summary>Its port speaks another protocol.</summary>
    SpeaksHttp,

    /// <summary>Takes connections and never answers.</summary>
    NeverAnswers,

    HangsUpAfterDescribe,

    /// <summary>Its description names sound only.</summary>
    AudioOnly,

    /// <summary>Its description names nothing.</summary>
    NoMedia,

    /// <summary>Sends a second of pictures and then nothing, on an open connection.</summary>
    Stalls,

    /// <summary>After a second its picture has another size.</summary>
    ChangesSize,

    /// <summary>Once a second its timestamps jump back by an hour.</summary>
    StepsBack,

    /// <summary>Sends H.265.</summary>
    SendsH265,

    /// <summary>Allows no further session.</summary>
    IsFull,

    /// <summary>Answers with headers that never end.</summary>
    EndlessHeaders,

    /// <summary>Answers with one line of 64 kB, and more of them.</summary>
    LongLine,

    NegativeLength,

    /// <summary>Redirects to itself.</summary>
    RedirectsInCircles,

    /// <summary>Puts packets of channels that were never set up, and garbage, between its pictures.</summary>
    FillsIn,

    /// <summary>A description without rtpmap, with lines that mean nothing.</summary>
    BreaksDescription,

    /// <summary>After a second it hangs up and knows another password.</summary>
    ChangesPassword,

    /// <summary>Sends fragments of up to 60 kB.</summary>
    SendsLargePackets,
}

/// <summary>An RTSP camera in the test's own process that does one thing wrong.</summary>
internal sealed class LyingCamera : IRtspStreamDirectory, IDisposable
{
    private const int FramesPerSecond = 10;
    private const uint TicksPerFrame = 90_000 / FramesPerSecond;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly CameraLie _lie;
    private readonly TestClip? _clip;
    private readonly TestClip? _other;
    private int _connections;

    private LyingCamera(CameraLie lie, TestClip? clip, TestClip? other)
    {
        (_lie, _clip, _other) = (lie, clip, other);
        _listener.Start();
        _ = AcceptAsync();
    }

    public string Url => $"rtsp://{_listener.LocalEndpoint}/cam";

    public int Connections => Volatile.Read(ref _connections);

    private static Instant Now => new((long)(Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency)));

    public static async Task<LyingCamera> StartAsync(CameraLie lie) => lie switch
    {
        CameraLie.SendsH265 => new LyingCamera(lie, await TestClip.EncodeH265Async("320x240"), null),
        CameraLie.ChangesSize => new LyingCamera(lie, await TestClip.EncodeH264Async("320x240"), await TestClip.EncodeH264Async("3840x2160")),
        CameraLie.SendsLargePackets => new LyingCamera(lie, await TestClip.EncodeH264Async("1920x1080", 60_000), null),
        CameraLie.Stalls or CameraLie.StepsBack or CameraLie.FillsIn or CameraLie.BreaksDescription or CameraLie.ChangesPassword => new LyingCamera(lie, await TestClip.EncodeH264Async("320x240"), null),
        _ => new LyingCamera(lie, null, null),
    };

    public string? Describe(string path) => _lie == CameraLie.BreaksDescription
        ? "v=0\no=\ns\nx=y=z\nc=IN\na=control:*\nm=video 0 RTP/AVP 96\na=fmtp\na=rtpmap:\na=control:track0"
        : "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n" + _lie switch
    {
        CameraLie.AudioOnly => "m=audio 0 RTP/AVP 8\r\na=control:track0\r\n",
        CameraLie.NoMedia => "",
        _ => $"m=video 0 RTP/AVP 96\r\n{_clip?.Format ?? "a=rtpmap:96 H264/90000\r\n"}a=control:track0\r\n",
    };

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_stop.Token);
                Interlocked.Increment(ref _connections);
                _ = ServeAsync(socket);
            }
        }
        catch (Exception end) when (end is OperationCanceledException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using var connection = socket;
        var password = _lie != CameraLie.ChangesPassword ? null : new RtspCredentials("u", Connections > 1 ? "new" : "old");
        var playback = new RtspPlayback(this, "f00d", password);
        var session = new RtspServerSession(playback, Now);
        var buffer = new byte[16 * 1024];
        Task? playing = null;
        try
        {
            while (!session.IsClosed && await connection.ReceiveAsync(buffer, _stop.Token) is > 0 and var count)
            {
                if (_lie == CameraLie.NeverAnswers)
                {
                    continue;
                }

                if (FixedAnswer() is { } answered)
                {
                    await connection.SendAsync(Encoding.Latin1.GetBytes(answered));
                    return;
                }

                if (_lie is CameraLie.EndlessHeaders or CameraLie.LongLine)
                {
                    await SendWithoutEndAsync(connection);
                    return;
                }

                session.HandleReceived(buffer.AsSpan(0, count), Now);
                while (session.TryPollTransmit(out var answer))
                {
                    await connection.SendAsync(answer);
                    if (_lie == CameraLie.HangsUpAfterDescribe && answer.AsSpan().IndexOf("v=0"u8) >= 0)
                    {
                        return;
                    }
                }

                playing ??= playback.IsPlaying ? PlayAsync(connection, playback.RtpChannel) : null;
            }
        }
        catch (Exception end) when (end is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The relay went away, or the test is over.
        }
    }

    private string? FixedAnswer() => _lie switch
    {
        CameraLie.IsFull => "RTSP/1.0 453 Not Enough Bandwidth\r\nCSeq: 1\r\n\r\n",
        CameraLie.SpeaksHttp => "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n<html>what?</html>",
        CameraLie.NegativeLength => "RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: -1\r\n\r\n",
        CameraLie.RedirectsInCircles => $"RTSP/1.0 302 Moved\r\nCSeq: 1\r\nLocation: {Url}\r\n\r\n",
        _ => null,
    };

    private async Task SendWithoutEndAsync(Socket socket)
    {
        await socket.SendAsync("RTSP/1.0 200 OK\r\n"u8.ToArray());
        var piece = Encoding.Latin1.GetBytes(_lie == CameraLie.LongLine ? new string('x', 64 * 1024) : "X-Header: value\r\n");
        for (var sent = 0L; sent < 64 << 20; sent += piece.Length)
        {
            await socket.SendAsync(piece, _stop.Token);
        }
    }

    private async Task PlayAsync(Socket socket, byte channel)
    {
        using var clock = new PeriodicTimer(TimeSpan.FromMilliseconds(1000 / FramesPerSecond));
        ushort sequence = 0;
        var timestamp = 4_000_000_000u;
        try
        {
            var isShort = _lie is CameraLie.Stalls or CameraLie.ChangesPassword;
            for (var number = 0; !isShort || number < FramesPerSecond; number++)
            {
                if (_lie == CameraLie.FillsIn)
                {
                    await socket.SendAsync("$M\0\u0004nope\r\n###\r\nOPTIONS * RTSP/1.0\r\nCSeq: 7\r\n\r\n\u0001\u0002\u0003"u8.ToArray(), _stop.Token);
                }

                var clip = _other is not null && number >= FramesPerSecond ? _other : _clip!;
                timestamp += TicksPerFrame;
                if (_lie == CameraLie.StepsBack && number % FramesPerSecond == FramesPerSecond - 1)
                {
                    timestamp -= 3600 * 90_000u;
                }

                foreach (var packet in Packets(clip.Frames[number % clip.Frames.Count], channel, timestamp, sequence))
                {
                    sequence++;
                    await socket.SendAsync(packet, _stop.Token);
                }

                await clock.WaitForNextTickAsync(_stop.Token);
            }

            if (_lie == CameraLie.ChangesPassword)
            {
                socket.Close();
            }
        }
        catch (Exception end) when (end is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The relay went away, or the test is over.
        }
    }

    private static IEnumerable<byte[]> Packets(IReadOnlyList<byte[]> payloads, byte channel, uint timestamp, ushort sequence)
    {
        for (var i = 0; i < payloads.Count; i++)
        {
            var packet = new byte[16 + payloads[i].Length];
            packet[0] = (byte)'$';
            packet[1] = channel;
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)(packet.Length - 4));
            packet[4] = 0x80;
            packet[5] = (byte)(96 | (i == payloads.Count - 1 ? 0x80 : 0));
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(6), sequence++);
            BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), timestamp);
            packet[15] = 7;
            payloads[i].CopyTo(packet, 16);
            yield return packet;
        }
    }
}
