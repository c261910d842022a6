using System.Net;
using Comms.Media.Fanout;
using Comms.Media.Io;
using Comms.Media.Numbers;
using Comms.Media.Session;
using Microsoft.Extensions.Logging;

namespace Comms.Media.Node;

/// <summary>
/// One media loop: an event loop with its media ports, its sessions and its parts of the channels. Everything here belongs to the
/// loop's thread except the counters and what its members say of themselves.
/// </summary>
internal sealed class MediaLoop : IVoiceLoop, IDisposable
{
    /// <summary>Voice packets on their way out of one loop: every channel of a city talking at once, 5 MB.</summary>
    private const int MaxVoiceFrames = 4_096;

    /// <summary>Undecided talkers of one loop whose speech is kept: 500 presses at once, with room.</summary>
    private const int MaxKeptSpeech = 1_024;

    private readonly Dictionary<SessionId, LoopSession> _sessions = [];
    private readonly Dictionary<VoiceChannel, VoiceChannelDriver> _drivers = new(ReferenceEqualityComparer.Instance);
    private int _sessionCount;

    public MediaLoop(MediaNode node, int index, ILogger logger)
    {
        Node = node;
        Events = new EventLoop(index, logger);
        Table = new SendTable(Drops);
        Handshakes = new HandshakeQueue(Events.Schedule, () => MonotonicClock.Now, () => Events.LongWorks > 1, Drops);
    }

    public MediaNode Node { get; }

    public EventLoop Events { get; }

    public UdpReceiveBatch Receive { get; } = new();

    public DropCounters Drops { get; } = new();

    public SendTable Table { get; }

    public SessionCounters Counters => Table.Counters;

    public HandshakeQueue Handshakes { get; }

    public KeptSpeechPool KeptSpeech { get; } = new(MaxKeptSpeech);

    public VoiceFramePool Frames { get; } = new(MaxVoiceFrames);

    public MediaPort[] Ports { get; private set; } = [];

    /// <summary>Set before the loop starts.</summary>
    public IFrameCarrier Carrier { get; set; } = null!;

    /// <summary>Any thread.</summary>
    public int SessionCount => Volatile.Read(ref _sessionCount);

    public int BusyPermille
    {
        get
        {
            int busiest = 0;
            foreach (var loop in Node.Loops) busiest = Math.Max(busiest, loop.Events.BusyPermille);
            return busiest;
        }
    }

    /// <summary>Binds this loop's socket of each local address. Before the loop starts.</summary>
    public void OpenPorts(IReadOnlyList<IPEndPoint> addresses)
    {
        var options = new UdpSocketOptions
        {
            SharePort = true,
            Batched = true,
            ReceiveBufferBytes = Node.Options.ReceiveBufferBytes,
            SendBufferBytes = Node.Options.SendBufferBytes,
        };
        Ports = [.. addresses.Select((address, index) => new MediaPort(this, index, address, options))];
        foreach (var port in Ports) port.Socket.Attach();
    }

    /// <summary>Makes a claimed browser session's state here.</summary>
    public void Adopt(SessionEntry entry, Instant now)
    {
        var settings = new WebRtcSessionSettings(Node.Options.SessionTimeoutMs);
        var media = new WebRtcSession(entry.WebRtc!, entry.Local!, at => Node.CreateDtls(entry.WebRtc!, at), settings, Drops, Table, now);
        Add(entry, new WebRtcLoopSession(entry, this, media), now);
    }

    /// <summary>Takes in a session and runs what was asked of it before.</summary>
    public void Add(SessionEntry entry, LoopSession session, Instant now)
    {
        _sessions.Add(entry.Id, session);
        Volatile.Write(ref _sessionCount, _sessions.Count);
        entry.Attach(session, now);
    }

    public void Forget(LoopSession session)
    {
        _sessions.Remove(session.Session);
        Volatile.Write(ref _sessionCount, _sessions.Count);
    }

    /// <summary>This loop's part of a channel.</summary>
    public VoiceChannel ChannelOf(string channelId) => Node.ChannelHub(channelId).Part(Events.Index);

    public void RunSoon(VoiceChannel channel) => Events.Schedule(DriverOf(channel));

    public void RunAt(VoiceChannel channel, Instant due) => Events.Timers.Arm(DriverOf(channel).Timer, due);

    public IReadOnlyList<LoopSession> Sessions() => [.. _sessions.Values];

    public void EndAll(SessionEndReason reason, Instant now)
    {
        foreach (var session in Sessions()) session.End(reason, now);
    }

    public void Dispose()
    {
        Events.Dispose();
        foreach (var port in Ports) port.Socket.Dispose();
        Receive.Dispose();
        Handshakes.Dispose();
        Table.Dispose();
    }

    private VoiceChannelDriver DriverOf(VoiceChannel channel)
    {
        if (_drivers.TryGetValue(channel, out var driver)) return driver;
        driver = new VoiceChannelDriver(channel);
        _drivers.Add(channel, driver);
        return driver;
    }

    /// <summary>Runs one channel's part on this loop: slices of its fan-out as loop work, its transcoder as one timer.</summary>
    private sealed class VoiceChannelDriver : ILoopWork, ILoopTimerOwner
    {
        private readonly VoiceChannel _channel;

        public VoiceChannelDriver(VoiceChannel channel)
        {
            _channel = channel;
            Timer = new LoopTimer(this);
        }

        public LoopTimer Timer { get; }

        public LoopWorkState RunSlice(Instant now)
        {
            if (!_channel.RunSlice(now, out bool isBlocked)) return LoopWorkState.Done;
            return isBlocked ? LoopWorkState.Blocked : LoopWorkState.More;
        }

        public void OnTimer(LoopTimer timer, Instant now) => _channel.HandleTimeout(now);
    }
}
