using System.Net;
using Comms.Media.Io;
using Comms.Media.Numbers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Comms.CameraSimulator;

/// <summary>
/// Listens for RTSP clients and gives each its connection on an epoll loop, so that one process serves thousands. Every
/// camera's clock starts with the server: two clients of one camera see the same pictures, and a client that comes back
/// finds time has gone on.
/// </summary>
internal sealed class CameraServer : IDisposable
{
    /// <summary>Larger than any frame with its headers.</summary>
    private const int ScratchBytes = 1024 * 1024;

    private readonly EventLoop[] _loops;
    private readonly byte[][] _scratch;
    private readonly TcpListenerDescriptor _listener;
    private readonly ClipEncoder _encoder;
    private readonly Instant _startedAt = MonotonicClock.Now;
    private readonly Dictionary<(int Number, ClipKind Kind), Task<Clip>> _clips = [];
    private int _accepted;

    public CameraServer(SimulatorOptions options, CancellationToken cancellation)
    {
        Options = options;
        _encoder = new ClipEncoder(options);
        for (var number = 1; number <= Math.Min(options.Clips, options.Cameras); number++)
        {
            _clips[(number, ClipKind.Plain)] = LoadAsync(_encoder, number, ClipKind.Plain, cancellation);
        }

        _clips[(1, ClipKind.Reordered)] = LoadAsync(_encoder, 1, ClipKind.Reordered, cancellation);
        foreach (var kind in options.HasFaults ? [ClipKind.H265, ClipKind.LongGroup, ClipKind.WithoutSets, ClipKind.LargePackets] : Array.Empty<ClipKind>())
        {
            _clips[(1, kind)] = LoadAsync(_encoder, 1, kind, cancellation);
        }

        ClipsReady = Task.WhenAll(_clips.Values);
        _loops = [.. Enumerable.Range(0, options.Loops).Select(index => new EventLoop(index, NullLogger.Instance))];
        _scratch = [.. _loops.Select(_ => new byte[ScratchBytes])];
        _listener = new TcpListenerDescriptor(_loops[0], new IPEndPoint(options.Host, options.Port), Accept);
    }

    public SimulatorOptions Options { get; }

    public IPEndPoint EndPoint => _listener.LocalEndPoint;

    /// <summary>Ends when every clip is in memory; clients that connect earlier wait in the listener's queue.</summary>
    public Task ClipsReady { get; }

    /// <summary>The number of the frame that every camera shows at that moment, over all repetitions of its clip.</summary>
    public long FrameAt(Instant now) => now.MsSince(_startedAt) * Options.FramesPerSecond / 1000;

    /// <summary>Null: this server has no clips of that kind.</summary>
    public Clip? ReadyClip(CameraPath camera)
    {
        var key = camera.Kind == ClipKind.Plain ? ((camera.Camera - 1) % Options.Clips) + 1 : 1;
        return _clips.GetValueOrDefault((key, camera.Kind))?.Result;
    }

    /// <summary>Where a loop puts a frame together before it is sent.</summary>
    public byte[] Scratch(EventLoop loop) => _scratch[loop.Index];

    public async Task RunAsync(CancellationToken cancellation)
    {
        foreach (var loop in _loops)
        {
            loop.Start();
        }

        await ClipsReady;
        _loops[0].Post(_ => _listener.Attach());
        await new TaskCompletionSource().Task.WaitAsync(cancellation);
    }

    public void Dispose()
    {
        foreach (var loop in _loops)
        {
            loop.Dispose();
        }

        _encoder.Dispose();
    }

    private static async Task<Clip> LoadAsync(ClipEncoder encoder, int number, ClipKind kind, CancellationToken cancellation)
    {
        await Task.Yield();
        return Clip.Load(await encoder.EncodeAsync(number, kind, cancellation), kind);
    }

    private void Accept(int descriptor, TransportAddress remote, Instant now)
    {
        var loop = _loops[_accepted++ % _loops.Length];
        loop.Post(then => _ = new CameraConnection(loop, descriptor, remote, this, then));
    }
}
