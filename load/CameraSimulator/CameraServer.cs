using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Comms.CameraSimulator;

/// <summary>
/// Listens for RTSP clients and gives each its connection. Every camera's clock starts with the server: two clients of one
/// camera see the same pictures, and a client that comes back finds time has gone on.
/// </summary>
internal sealed class CameraServer : IDisposable
{
    private readonly Socket _listener;
    private readonly ClipEncoder _encoder;
    private readonly long _startedAt = Stopwatch.GetTimestamp();
    private readonly Dictionary<(int Number, ClipKind Kind), Task<Clip>> _clips = [];

    public CameraServer(SimulatorOptions options, CancellationToken cancellation)
    {
        Options = options;
        _encoder = new ClipEncoder(options);
        for (var number = 1; number <= Math.Min(options.Clips, options.Cameras); number++)
        {
            _clips[(number, ClipKind.Plain)] = LoadAsync(_encoder, number, ClipKind.Plain, cancellation);
        }

        ClipsReady = Task.WhenAll(_clips.Values);
        _clips[(1, ClipKind.Reordered)] = LoadAsync(_encoder, 1, ClipKind.Reordered, cancellation);
        _listener = new Socket(options.Host.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(new IPEndPoint(options.Host, options.Port));
        _listener.Listen(512);
    }

    public SimulatorOptions Options { get; }

    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndPoint!;

    /// <summary>Ends when every plain clip is in memory; the clip with B-frames follows.</summary>
    public Task ClipsReady { get; }

    public long ElapsedMs => (long)Stopwatch.GetElapsedTime(_startedAt).TotalMilliseconds;

    /// <summary>The number of the frame that every camera shows at that moment, over all repetitions of its clip.</summary>
    public static long FrameAt(long elapsedMs) => elapsedMs * ClipEncoder.FramesPerSecond / 1000;

    /// <summary>A camera's clip; only the one with B-frames may still have to be waited for after <see cref="ClipsReady"/>.</summary>
    public Clip ReadyClip(CameraPath camera)
    {
        var key = camera.Kind == ClipKind.Plain ? ((camera.Camera - 1) % Options.Clips) + 1 : 1;
        return _clips[(key, camera.Kind)].Result;
    }

    public async Task RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var socket = await _listener.AcceptAsync(cancellation);
            socket.NoDelay = true;
            _ = ServeAsync(socket, cancellation);
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        _encoder.Dispose();
    }

    private static async Task<Clip> LoadAsync(ClipEncoder encoder, int number, ClipKind kind, CancellationToken cancellation)
    {
        await Task.Yield();
        return Clip.Load(await encoder.EncodeAsync(number, kind, cancellation));
    }

    private async Task ServeAsync(Socket socket, CancellationToken cancellation)
    {
        using var connection = new CameraConnection(socket, this);
        await connection.RunAsync(cancellation);
    }
}
