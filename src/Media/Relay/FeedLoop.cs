using System.Globalization;
using System.Net;
using System.Security.Cryptography;
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
internal sealed class FeedLoop : IRtspIngestDirectory, IRtspStreamDirectory, IDisposable
{
    private readonly FeedHub _hub;
    private readonly FeedOptions _options;
    private readonly VideoBlockPool _pool;
    private readonly TcpListenerDescriptor _listener;
    private readonly Dictionary<FeedKey, CameraFeed> _feeds = [];
    private readonly Dictionary<FeedKey, FanoutDriver> _parts = [];
    private readonly Dictionary<string, FfmpegRun> _tokens = [];

    /// <summary>Feeds that may be pulled from us, by path.</summary>
    private readonly Dictionary<string, CameraFeed> _played = [];
    private UdpReceiveBatch? _receive;
    private long _attempts;

    public FeedLoop(FeedHub hub, EventLoop loop, FfmpegProcessLauncher launcher, FeedOptions options)
    {
        _hub = hub;
        _options = options;
        _pool = new VideoBlockPool(options.CacheBytesPerLoop);
        Loop = loop;
        Launcher = launcher;
        Sites = new SiteTable(options.ConnectsPerSecondPerSite, hub.LoopCount(), site => hub.TellSiteBack(this, site));
        var port = options.IngestEndPoint.Port == 0 ? 0 : options.IngestEndPoint.Port + loop.Index;
        _listener = new TcpListenerDescriptor(loop, new IPEndPoint(options.IngestEndPoint.Address, port), Accept);
    }

    public EventLoop Loop { get; }

    /// <summary>Memory for datagrams of cameras that do not send over their connection.</summary>
    public UdpReceiveBatch Receive => _receive ??= new UdpReceiveBatch();

    /// <summary>Who shares a connect budget with whom.</summary>
    public SiteTable Sites { get; }

    public FfmpegProcessLauncher Launcher { get; }

    /// <summary>How a source is first tried.</summary>
    public RelayMode FirstModeOf(FeedUrl source) => _options.UsesDirectRtsp && source.Scheme == "rtsp" ? RelayMode.Direct : RelayMode.Copy;

    /// <summary>Attempts to take in a camera, of any kind. Any thread may read it.</summary>
    public long Attempts => Volatile.Read(ref _attempts);

    public void CountAttempt() => Volatile.Write(ref _attempts, _attempts + 1);

    public int TranscodeThreads => _options.Limits.TranscodeThreads;

    public DropCounters Drops { get; } = new();

    /// <summary>Bytes of the cameras' packets so far.</summary>
    public long BytesTakenIn { get; set; }

    /// <summary>What this loop takes in now.</summary>
    public FeedLoad Load => new(
        _feeds.Values.Count(feed => feed.IsStarted && !feed.Key.IsConverted), _feeds.Values.Count(feed => feed.NeedsTranscode), BytesTakenIn);

    public IPEndPoint IngestEndPoint => _listener.LocalEndPoint;

    public void Attach() => _listener.Attach();

    public string IngestUrl(string token) => ServerUrl($"/ingest/{token}");

    private string ServerUrl(string path)
    {
        var local = _listener.LocalEndPoint;
        var address = local.Address.Equals(IPAddress.Any) ? IPAddress.Loopback : local.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : local.Address;
        return string.Create(CultureInfo.InvariantCulture, $"rtsp://{new IPEndPoint(address, local.Port)}{path}");
    }

    public IRtspIngestTarget? Find(ReadOnlySpan<char> token) =>
        _tokens.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(token, out var run) ? run : null;

    public void Admit(string token, FfmpegRun run) => _tokens[token] = run;

    public void Dismiss(string token) => _tokens.Remove(token);

    public string? Describe(string path) => _played.GetValueOrDefault(path)?.Describe();

    /// <summary>A program that pulls from us begins to play.</summary>
    public void Play(string path, FeedPlayer player, Instant now) => _played.GetValueOrDefault(path)?.Driver.Fanout.AddViewer(player, now);

    public void EndPlay(string path, FeedPlayer player, Instant now)
    {
        if (player.Feed is VideoFanout fanout && fanout.RemoveViewer(player, now) && _played.TryGetValue(path, out var feed))
        {
            ForgetIfUnused(feed);
        }
    }

    public void Start(string cameraId, FeedUrl source, string site, Instant now) =>
        GetOrAdd(new FeedKey(cameraId, IsConverted: false)).Start(source, site, now);

    public void StartPublished(string cameraId, Instant now) => GetOrAdd(new FeedKey(cameraId, IsConverted: false)).StartPublished(now);

    /// <summary>The feed that a stranger publishes to from now on; null when that camera is pulled.</summary>
    public CameraFeed? TakePublisher(string cameraId, IRelayRun run, Instant now) =>
        GetOrAdd(new FeedKey(cameraId, IsConverted: false)) is var feed && feed.TryTakePublisher(run, now) ? feed : null;

    public bool Stop(string cameraId, Instant now)
    {
        var key = new FeedKey(cameraId, IsConverted: false);
        if (!_feeds.TryGetValue(key, out var feed))
        {
            return false;
        }

        feed.Stop(now);
        ForgetIfUnused(feed);
        if (_feeds.TryGetValue(key.Converted, out var converted))
        {
            StopConverting(converted, now);
        }

        return true;
    }

    /// <summary>The fan-out on this loop for a camera that lives here or on another loop.</summary>
    public FanoutDriver PartOf(FeedKey key, FeedLoop home)
    {
        if (home == this)
        {
            return GetOrAdd(key).Driver;
        }

        if (!_parts.TryGetValue(key, out var part))
        {
            part = NewDriver(key);
            _parts.Add(key, part);
            home.Loop.Post(now => home.AddCarriage(key, Loop.Index, part, now));
        }

        return part;
    }

    public bool Shows(FeedKey key, IVideoFeed shown) =>
        (_feeds.TryGetValue(key, out var feed) && ReferenceEquals(feed.Driver.Fanout, shown))
        || (_parts.TryGetValue(key, out var part) && ReferenceEquals(part.Fanout, shown));

    /// <summary>A viewer left; a part without viewers is given up.</summary>
    public void HandleViewerLeft(FanoutDriver driver, IVideoViewer viewer)
    {
        _hub.PublishDetached(viewer.Session, driver.Key.CameraId);
        ReleaseIfEmpty(driver);
    }

    /// <summary>A viewer cannot show what the camera sends: from now on it gets the conversion that all such viewers share.</summary>
    public void MoveToConverted(FanoutDriver driver, IVideoViewer viewer, Instant now)
    {
        if (!ReferenceEquals(viewer.Feed, driver.Fanout) && !ReferenceEquals(viewer.NextFeed, driver.Fanout))
        {
            return;
        }

        driver.Fanout.RemoveViewer(viewer, now);
        var home = _hub.HomeOf(driver.Key.CameraId);
        PartOf(driver.Key.Converted, home).Fanout.AddViewer(viewer, now);
        ReleaseIfEmpty(driver);
        if (home == this)
        {
            Convert(driver.Key.Converted, now);
        }
    }

    /// <summary>A camera's pictures flow again: what is converted of them need not wait.</summary>
    public void HandleLive(FeedKey original, Instant now)
    {
        if (_feeds.TryGetValue(original.Converted, out var converted) && !converted.Driver.Fanout.IsUnused)
        {
            Convert(original.Converted, now);
            converted.Retry(now);
        }
    }

    /// <summary>The fan-out of a camera's conversion, to which its sound goes as well; null while there is none.</summary>
    public VideoFanout? ConvertedOf(FeedKey original) => _feeds.GetValueOrDefault(original.Converted)?.Driver.Fanout;

    public bool IsLive(FeedKey key) => _feeds.TryGetValue(key, out var feed) && feed.IsLive;

    /// <summary>Nobody watches a conversion any more.</summary>
    public void StopConverting(CameraFeed converted, Instant now)
    {
        foreach (var path in _played.Where(pair => pair.Value.Key == converted.Key.Original).Select(pair => pair.Key).ToList())
        {
            _played.Remove(path);
        }

        converted.Stop(now);
        ForgetIfUnused(converted);
    }

    public void ForgetIfUnused(CameraFeed feed)
    {
        if (feed.IsUnused && _feeds.Remove(feed.Key))
        {
            feed.Driver.Release();
        }
    }

    public KeyFrame? CopyKeyFrame(string cameraId, Instant now) =>
        _feeds.TryGetValue(new FeedKey(cameraId, IsConverted: false), out var feed) && feed.Driver.Fanout.CopyKeyFrame() is { } frame
            ? new KeyFrame(frame.ByteStream, frame.Codec, (int)now.MsSince(frame.Arrived))
            : null;

    public void Publish(string cameraId, RelayState state) => _hub.PublishState(cameraId, state);

    public void Publish(FeedDescribed description) => _hub.Publish(description);

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
    public void Dispose()
    {
        _listener.Dispose();
        _receive?.Dispose();
    }

    private static FeedSnapshot PartSnapshot(FanoutDriver part) =>
        new(part.Key.CameraId, "Carried", "", part.Fanout.ViewerCount, 0, part.Fanout.CachedBytes, null, []);

    private void AddCarriage(FeedKey key, int toLoop, FanoutDriver part, Instant now)
    {
        GetOrAdd(key).Driver.Fanout.AddCarriage(_hub.CarrierOf(Loop), toLoop, part.Fanout, now);
        if (key.IsConverted)
        {
            Convert(key, now);
        }
    }

    private void RemoveCarriage(FeedKey key, int toLoop)
    {
        if (_feeds.TryGetValue(key, out var feed))
        {
            feed.Driver.Fanout.RemoveCarriage(toLoop);
            feed.HandleViewersChanged(Loop.Now);
            ForgetIfUnused(feed);
        }
    }

    private void ReleaseIfEmpty(FanoutDriver driver)
    {
        if (_feeds.TryGetValue(driver.Key, out var feed))
        {
            feed.HandleViewersChanged(Loop.Now);
            ForgetIfUnused(feed);
        }
        else if (driver.Fanout.ViewerCount == 0 && _parts.Remove(driver.Key))
        {
            driver.Release();
            var home = _hub.HomeOf(driver.Key.CameraId);
            home.Loop.Post(_ => home.RemoveCarriage(driver.Key, Loop.Index));
        }
    }

    /// <summary>Lets one ffmpeg pull the camera's pictures from us, under a token of its own. Already running: nothing changes.</summary>
    private void Convert(FeedKey converted, Instant now)
    {
        var feed = GetOrAdd(converted);
        if (feed.IsStarted || !_feeds.TryGetValue(converted.Original, out var original) || !original.IsStarted)
        {
            return;
        }

        var path = FeedServerRole.PlayPath + RandomNumberGenerator.GetHexString(32, lowercase: true);
        _played[path] = original;
        if (FeedUrl.TryParse(ServerUrl(path), out var url, out _))
        {
            feed.Start(url, SiteTable.Own, now);
        }
    }

    private CameraFeed GetOrAdd(FeedKey key)
    {
        if (!_feeds.TryGetValue(key, out var feed))
        {
            feed = new CameraFeed(this, NewDriver(key));
            _feeds.Add(key, feed);
        }

        return feed;
    }

    private FanoutDriver NewDriver(FeedKey key) => new(this, key, new VideoPacketStore(_pool, _options.Store), Drops);

    private void Accept(int descriptor, TransportAddress remote, Instant now) =>
        _ = new IngestConnection(this, descriptor, remote, now);
}
