using System.Globalization;
using System.Net;
using Comms.Media.Fanout;
using Comms.Media.Io;
using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Media.Wire.Rtsp;

namespace Comms.Media.Relay;

/// <summary>
/// What one loop holds of the node's feeds: the cameras that live on it, the parts of other loops' cameras that have viewers
/// here, and the ingest server. Everything but the counters is touched on that loop only.
/// </summary>
internal sealed class FeedLoop : IRtspIngestDirectory, IDisposable
{
    private readonly FeedHub _hub;
    private readonly FeedOptions _options;
    private readonly VideoBlockPool _pool;
    private readonly TcpListenerDescriptor _listener;
    private readonly Dictionary<string, CameraFeed> _feeds = [];
    private readonly Dictionary<string, FanoutDriver> _parts = [];
    private readonly Dictionary<string, FfmpegRun> _tokens = [];

    public FeedLoop(FeedHub hub, EventLoop loop, FfmpegProcessLauncher launcher, FeedOptions options)
    {
        _hub = hub;
        _options = options;
        _pool = new VideoBlockPool(options.CacheBytesPerLoop);
        Loop = loop;
        Launcher = launcher;
        var port = options.IngestEndPoint.Port == 0 ? 0 : options.IngestEndPoint.Port + loop.Index;
        _listener = new TcpListenerDescriptor(loop, new IPEndPoint(options.IngestEndPoint.Address, port), Accept);
    }

    public EventLoop Loop { get; }

    public FfmpegProcessLauncher Launcher { get; }

    /// <summary>How a source is first tried.</summary>
    public RelayMode FirstModeOf(FeedUrl source) => _options.UsesDirectRtsp && source.Scheme == "rtsp" ? RelayMode.Direct : RelayMode.Copy;

    public int TranscodeThreads => _options.Limits.TranscodeThreads;

    public DropCounters Drops { get; } = new();

    public IPEndPoint IngestEndPoint => _listener.LocalEndPoint;

    public void Attach() => _listener.Attach();

    public string IngestUrl(string token)
    {
        var local = _listener.LocalEndPoint;
        var address = local.Address.Equals(IPAddress.Any) ? IPAddress.Loopback : local.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : local.Address;
        return string.Create(CultureInfo.InvariantCulture, $"rtsp://{new IPEndPoint(address, local.Port)}/ingest/{token}");
    }

    public IRtspIngestTarget? Find(ReadOnlySpan<char> token) =>
        _tokens.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(token, out var run) ? run : null;

    public void Admit(string token, FfmpegRun run) => _tokens[token] = run;

    public void Dismiss(string token) => _tokens.Remove(token);

    public void Start(string cameraId, FeedUrl source, Instant now) => GetOrAdd(cameraId).Start(source, now);

    public bool Stop(string cameraId, Instant now)
    {
        if (!_feeds.TryGetValue(cameraId, out var feed))
        {
            return false;
        }

        feed.Stop(now);
        ForgetIfUnused(feed);
        return true;
    }

    /// <summary>The fan-out on this loop for a camera that lives here or on another loop.</summary>
    public FanoutDriver PartOf(string cameraId, FeedLoop home)
    {
        if (home == this)
        {
            return GetOrAdd(cameraId).Driver;
        }

        if (!_parts.TryGetValue(cameraId, out var part))
        {
            part = NewDriver(cameraId);
            _parts.Add(cameraId, part);
            home.Loop.Post(now => home.GetOrAdd(cameraId).Driver.Fanout.AddCarriage(_hub.CarrierOf(home.Loop), Loop.Index, part.Fanout, now));
        }

        return part;
    }

    /// <summary>A viewer left; a part without viewers is given up.</summary>
    public void HandleViewerLeft(FanoutDriver driver, IVideoViewer viewer)
    {
        _hub.PublishDetached(viewer.Session, driver.CameraId);
        if (_feeds.TryGetValue(driver.CameraId, out var feed))
        {
            ForgetIfUnused(feed);
        }
        else if (driver.Fanout.ViewerCount == 0 && _parts.Remove(driver.CameraId))
        {
            driver.Release();
            var home = _hub.HomeOf(driver.CameraId);
            home.Loop.Post(_ => home.RemoveCarriage(driver.CameraId, Loop.Index));
        }
    }

    public void ForgetIfUnused(CameraFeed feed)
    {
        if (feed.IsUnused && _feeds.Remove(feed.CameraId))
        {
            feed.Driver.Release();
        }
    }

    public void Publish(string cameraId, RelayState state) => _hub.PublishState(cameraId, state);

    public IReadOnlyList<FeedSnapshot> Snapshot() =>
        [.. _feeds.Values.Select(feed => feed.Snapshot()), .. _parts.Values.Select(PartSnapshot)];

    /// <summary>On the loop: every process is killed.</summary>
    public void StopAll(Instant now)
    {
        foreach (var feed in _feeds.Values)
        {
            feed.Stop(now);
        }
    }

    /// <summary>On the loop: no more publishers.</summary>
    public void Dispose() => _listener.Dispose();

    private static FeedSnapshot PartSnapshot(FanoutDriver part) =>
        new(part.CameraId, "Carried", "", part.Fanout.ViewerCount, 0, part.Fanout.CachedBytes, null, []);

    private void RemoveCarriage(string cameraId, int toLoop)
    {
        if (_feeds.TryGetValue(cameraId, out var feed))
        {
            feed.Driver.Fanout.RemoveCarriage(toLoop);
            ForgetIfUnused(feed);
        }
    }

    private CameraFeed GetOrAdd(string cameraId)
    {
        if (!_feeds.TryGetValue(cameraId, out var feed))
        {
            feed = new CameraFeed(this, NewDriver(cameraId));
            _feeds.Add(cameraId, feed);
        }

        return feed;
    }

    private FanoutDriver NewDriver(string cameraId) =>
        new(Loop, cameraId, new VideoPacketStore(_pool, _options.Store), Drops, HandleViewerLeft);

    private void Accept(int descriptor, TransportAddress remote, Instant now) =>
        _ = new IngestConnection(Loop, descriptor, remote, this, now);
}
