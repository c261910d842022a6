using System.Collections.Concurrent;
using System.Net;
using System.Threading.Channels;
using Comms.Media.Crypto.Dtls;
using Comms.Media.Fanout;
using Comms.Media.Ice;
using Comms.Media.Io;
using Comms.Media.Node.Streams;
using Comms.Media.Numbers;
using Comms.Media.Relay;
using Microsoft.Extensions.Logging;

namespace Comms.Media.Node;

/// <summary>
/// The media of one server process: its loops, sessions, channels and feeds. Ports are bound when it is made, traffic begins with
/// <see cref="Start"/>. Every public member may be called from any thread.
/// </summary>
public sealed class MediaNode : IMediaNode, IAsyncDisposable
{
    private readonly ILogger _logger;
    private readonly IMediaTap? _tap;
    private readonly OpenSslDtlsContext _dtls;
    private readonly ConcurrentDictionary<string, ChannelHub> _channels = new(StringComparer.Ordinal);
    private readonly Channel<MediaEvent> _events;
    private readonly RtpPortRange _rtpPorts;
    private readonly DropCounters _legDrops = new();
    private readonly MediaInstruments _instruments;
    private long _eventsDropped;
    private StreamServer? _streams;
    private bool _isStarted;
    private volatile bool _isStopping;

    /// <summary>Binds every port. Throws when none of the addresses can be bound.</summary>
    /// <param name="tap">Gets a copy of everything said, behind the gate; null when nobody records.</param>
    public MediaNode(MediaOptions options, ILoggerFactory loggers, IMediaTap? tap = null)
    {
        Options = options;
        _tap = tap;
        _logger = loggers.CreateLogger<MediaNode>();
        _dtls = new OpenSslDtlsContext(DtlsIdentity.Create());
        _rtpPorts = new RtpPortRange(options.RtpPortMin, options.RtpPortMax);
        Sessions = new SessionDirectory(options.MaxSessions);
        _events = Channel.CreateBounded<MediaEvent>(
            new BoundedChannelOptions(options.EventQueue) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true },
            _ => Interlocked.Increment(ref _eventsDropped));
        int loops = options.Loops > 0 ? options.Loops : Environment.ProcessorCount;
        Loops = [.. Enumerable.Range(0, loops).Select(index => new MediaLoop(this, index, _logger))];
        var events = Loops.Select(loop => loop.Events).ToList();
        var mesh = new LoopMesh(events, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)options.LoopRingFrames));
        foreach (var loop in Loops) loop.Carrier = mesh.CarrierOf(loop.Events);
        var bound = OpenPorts();
        Description = Describe(bound);
        Feeds = new FeedHub(events, mesh.CarrierOf, FeedOptionsOf(options, loops), Publish, _logger);
        _instruments = new MediaInstruments(this);
    }

    public MediaNodeDescription Description { get; }

    public ChannelReader<MediaEvent> Events => _events.Reader;

    /// <summary>Events dropped because signaling did not read them in time.</summary>
    public long EventsDropped => Interlocked.Read(ref _eventsDropped);

    /// <summary>The TCP port of RTSP for strangers; 0 while there is none.</summary>
    public int StreamPort => _streams?.Port ?? 0;

    internal MediaOptions Options { get; }

    internal IReadOnlyList<MediaLoop> Loops { get; }

    internal SessionDirectory Sessions { get; }

    internal FeedHub Feeds { get; }

    /// <summary>Takes the place of OpenSSL where handshakes are not what is measured. Null in service.</summary>
    internal Func<WebRtcSessionParameters, Instant, IDtlsEndpoint>? DtlsFactory { get; init; }

    internal ICollection<ChannelHub> Channels => _channels.Values;

    /// <summary>
    /// Opens the RTSP port on which strangers play and publish; before <see cref="Start"/>. Throws
    /// <see cref="System.Net.Sockets.SocketException"/> when the port is not to be had.
    /// </summary>
    public void OpenStreams(IPEndPoint local, IStreamGuard guard)
    {
        _streams = new StreamServer(this, local, guard);
        _streams.Attach();
    }

    public void Start()
    {
        _isStarted = true;
        foreach (var loop in Loops)
        {
            if (Options.LoopNiceness < 0) loop.Events.Post(_ => ThreadNiceness.TrySet(Options.LoopNiceness));
            loop.Events.Start();
        }

        MediaLog.Started(_logger, Loops.Count, string.Join(' ', Description.Candidates), Options.RtpPortMin, Options.RtpPortMax);
    }

    public ValueTask<MediaResult<LocalIceTransport>> OpenWebRtcSessionAsync(WebRtcSessionParameters parameters)
    {
        if (_isStopping) return ValueTask.FromResult(Refused<LocalIceTransport>(MediaRefusal.Stopping));
        var entry = new SessionEntry(Sessions.NextId(), parameters.Owner);
        var credentials = IceCredentials.Create(entry.Id.Value);
        entry.UseWebRtc(parameters, credentials);
        if (!Sessions.TryAdd(entry)) return ValueTask.FromResult(Refused<LocalIceTransport>(MediaRefusal.Full));
        var home = LoopOf(entry.Id);
        home.Events.Post(now => home.Events.Timers.Arm(new LoopTimer(new UnclaimedExpiry(this, entry)), now.AddMs(Options.SessionTimeoutMs)));
        MediaLog.SessionOpened(_logger, entry.Id, parameters.Owner);
        return ValueTask.FromResult(new MediaResult<LocalIceTransport>(
            new LocalIceTransport(entry.Id, credentials.Ufrag, credentials.Password), MediaRefusal.None));
    }

    public async ValueTask<MediaResult<LocalIceTransport>> RestartIceAsync(SessionId session, string remoteUfrag, string remotePassword)
    {
        if (!Sessions.TryFind(session.Value, out var entry) || entry.WebRtc is null) return Refused<LocalIceTransport>(MediaRefusal.NoSuchSession);
        var local = IceCredentials.Create(session.Value);
        var remote = new IceCredentials(remoteUfrag, remotePassword);
        if (!entry.TryReplaceCredentials(local, remote) && !await entry.InvokeAsync((target, now) => target.RestartIce(local, remote, now)))
            return Refused<LocalIceTransport>(MediaRefusal.NoSuchSession);
        return new MediaResult<LocalIceTransport>(new LocalIceTransport(session, local.Ufrag, local.Password), MediaRefusal.None);
    }

    public async ValueTask<MediaResult<RtpLegTransport>> OpenRtpLegAsync(RtpLegParameters parameters)
    {
        if (_isStopping) return Refused<RtpLegTransport>(MediaRefusal.Stopping);
        var entry = new SessionEntry(Sessions.NextId(), parameters.Owner);
        if (!Sessions.TryAdd(entry)) return Refused<RtpLegTransport>(MediaRefusal.Full);
        var loop = LoopOf(entry.Id);
        var opener = new RtpLegOpener(loop, _rtpPorts);
        var transport = await loop.Events.CallAsync(now => opener.Open(entry, parameters, now), null);
        if (transport is not null)
        {
            MediaLog.SessionOpened(_logger, entry.Id, parameters.Owner);
            return new MediaResult<RtpLegTransport>(transport, MediaRefusal.None);
        }

        Sessions.Remove(entry.Id);
        return Refused<RtpLegTransport>(_isStopping ? MediaRefusal.Stopping : MediaRefusal.NoPort);
    }

    public ValueTask<bool> UpdateRtpLegAsync(SessionId session, RtpLegParameters parameters) =>
        Invoke(session, (target, now) => target is RtpLegLoopSession leg && leg.Update(parameters, now));

    public async ValueTask<bool> CloseSessionAsync(SessionId session)
    {
        if (!Sessions.TryFind(session.Value, out var entry) || !entry.TryClose(out bool wasClaimed)) return false;
        if (!wasClaimed)
        {
            OnSessionEnded(entry, SessionEndReason.Closed);
            return true;
        }

        return await entry.Loop!.Events.CallAsync(
            now =>
            {
                entry.Session?.End(SessionEndReason.Closed, now);
                return true;
            },
            refused: false);
    }

    public ValueTask<bool> ListenAsync(SessionId session, int slot, string channelId) =>
        Invoke(session, (target, now) => target.Listen(slot, target.Loop.ChannelOf(channelId), now));

    public ValueTask<bool> StopListeningAsync(SessionId session, int slot) =>
        Invoke(session, (target, _) => target.StopListening(slot));

    public ValueTask<bool> BeginRequestAsync(SessionId session, string channelId) =>
        Invoke(session, (target, now) => target.BeginRequest(channelId, now));

    public ValueTask<bool> OpenGateAsync(SessionId session, TalkGrant grant) =>
        Invoke(session, (target, now) => target.OpenGate(grant, now));

    public ValueTask<bool> RenewGateAsync(SessionId session, BurstId burst, int leaseMs) =>
        Invoke(session, (target, now) => target.RenewGate(burst, leaseMs, now));

    public ValueTask<bool> CloseGateAsync(SessionId session) => Invoke(session, (target, now) => target.CloseGate(now));

    public ValueTask<bool> StartFeedAsync(string cameraId, FeedSource source) => Feeds.StartAsync(cameraId, source);

    public ValueTask<bool> StopFeedAsync(string cameraId) => Feeds.StopAsync(cameraId);

    public ValueTask<FeedLoad> ReadFeedLoadAsync() => Feeds.ReadLoadAsync();

    public bool Probe(string cameraId, FeedSource source) => !_isStopping && Feeds.Probe(cameraId, source);

    public ValueTask<bool> ViewAsync(SessionId session, string cameraId) => Invoke(session, (target, now) => target.View(cameraId, now));

    public ValueTask<bool> PublishAsync(SessionId session, string cameraId) => Invoke(session, (target, now) => target.Publish(cameraId, now));

    public async ValueTask<KeyFrame?> CopyKeyFrameAsync(string cameraId) => await Feeds.CopyKeyFrameAsync(cameraId);

    public async ValueTask<MediaNodeSnapshot> SnapshotAsync(int maxSessions = MediaNodeSnapshot.DefaultMaxSessions) =>
        await MediaSnapshotReader.ReadAsync(this, maxSessions);

    public async ValueTask PingAsync()
    {
        foreach (var loop in Loops) await loop.Events.CallAsync(static _ => true, refused: false);
    }

    public async ValueTask DisposeAsync()
    {
        if (_isStopping) return;
        _isStopping = true;
        _instruments.Dispose();
        if (_isStarted)
        {
            await Loops[0].Events.CallAsync(
                _ =>
                {
                    _streams?.Dispose();
                    return true;
                },
                refused: false);
            await Task.Run(Feeds.Dispose);
            foreach (var loop in Loops)
            {
                await loop.Events.CallAsync(
                    now =>
                    {
                        loop.EndAll(SessionEndReason.Closed, now);
                        return true;
                    },
                    refused: false);
            }
        }

        await Task.Run(() =>
        {
            foreach (var loop in Loops) loop.Dispose();
        });
        _dtls.Dispose();
        _events.Writer.TryComplete();
        MediaLog.Stopped(_logger);
    }

    internal ChannelHub ChannelHub(string channelId) =>
        _channels.GetOrAdd(channelId, static (id, node) => new Fanout.ChannelHub(id, node.Loops, node._tap, node.Options.ForcedFrameMs), this);

    internal IDtlsEndpoint CreateDtls(WebRtcSessionParameters parameters, Instant now) =>
        DtlsFactory?.Invoke(parameters, now) ?? _dtls.CreateEndpoint(DtlsRole.Server, new DtlsFingerprint(parameters.FingerprintAlgorithm, parameters.Fingerprint), now);

    internal void Publish(MediaEvent happened)
    {
        if (happened is GateClosed gate) MediaLog.GateShut(_logger, gate.Session, gate.ChannelId, gate.Reason);
        _events.Writer.TryWrite(happened);
    }

    internal void OnSessionConnected(SessionEntry entry)
    {
        MediaLog.SessionConnected(_logger, entry.Id);
        Publish(new SessionConnected(entry.Id));
    }

    internal void OnSessionEnded(SessionEntry entry, SessionEndReason reason)
    {
        entry.TryClose(out _);
        Sessions.Remove(entry.Id);
        MediaLog.SessionEnded(_logger, entry.Id, reason);
        Publish(new SessionEnded(entry.Id, reason));
    }

    /// <summary>Keeps the drops of a leg that has ended.</summary>
    internal void AddLegDrops(DropCounters drops)
    {
        lock (_legDrops) _legDrops.Add(drops);
    }

    /// <summary>Drops of one reason on all loops and ended legs.</summary>
    internal long Dropped(DropReason reason)
    {
        long sum;
        lock (_legDrops) sum = _legDrops[reason];
        foreach (var loop in Loops) sum += loop.Drops[reason];
        foreach (var feeds in Feeds.Drops) sum += feeds[reason];
        return sum;
    }

    private static MediaResult<T> Refused<T>(MediaRefusal refusal)
        where T : class => new(null, refusal);

    private async ValueTask<bool> Invoke(SessionId session, Func<LoopSession, Instant, bool> command) =>
        Sessions.TryFind(session.Value, out var entry) && await entry.InvokeAsync(command);

    private MediaLoop LoopOf(SessionId session) => Loops[(int)(session.Value % Loops.Count)];

    private List<IPEndPoint> OpenPorts()
    {
        IReadOnlyList<IPAddress> wanted = Options.BindAddressList is { Count: > 0 } listed ? listed : InterfaceAddresses.Find();
        var outside = wanted.Where(address => !IPAddress.IsLoopback(address)).ToList();
        if (Options.BindAddressList.Count == 0 && outside.Count > 0 && !Options.AllowLoopbackCandidates) wanted = outside;
        var addresses = new MediaAddressBinder(Options.MediaPort, _logger).FindUsable(wanted);
        foreach (var loop in Loops) loop.OpenPorts(addresses);
        return addresses;
    }

    private static FeedOptions FeedOptionsOf(MediaOptions options, int loops) => new()
    {
        CacheBytesPerLoop = ((long)options.VideoCacheMb << 20) / loops,
        Store = new VideoStoreLimits { MaxBytes = options.CameraCacheKb * 1024 },
        FfmpegPath = options.FfmpegPath,
        UsesDirectRtsp = options.DirectRtsp,
        ConnectsPerSecondPerSite = options.SiteConnectsPerSecond,
        Limits = new FfmpegLimits
        {
            MemoryMb = options.RelayMemoryMb,
            Niceness = options.RelayNiceness,
            TranscodeThreads = options.TranscodeThreads,
        },
    };

    private MediaNodeDescription Describe(List<IPEndPoint> bound)
    {
        var candidates = bound;
        if (Options.PublicAddressList is { Count: > 0 } publics)
        {
            candidates = [.. publics.Select(address => new IPEndPoint(address, bound[0].Port))];
            if (Options.AllowLoopbackCandidates) candidates.AddRange(bound.Where(endPoint => IPAddress.IsLoopback(endPoint.Address)));
        }

        return new MediaNodeDescription
        {
            FingerprintSha256 = _dtls.Identity.Fingerprint.Hash,
            Candidates = candidates,
            RtpAddress = candidates[0].Address,
        };
    }

    /// <summary>Ends a session that no check has ever reached.</summary>
    private sealed class UnclaimedExpiry(MediaNode node, SessionEntry entry) : ILoopTimerOwner
    {
        public void OnTimer(LoopTimer timer, Instant now)
        {
            if (entry.Loop is null && entry.TryClose(out bool wasClaimed) && !wasClaimed) node.OnSessionEnded(entry, SessionEndReason.Timeout);
        }
    }
}
