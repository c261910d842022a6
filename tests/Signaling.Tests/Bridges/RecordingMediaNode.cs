using System.Collections.Concurrent;
using System.Net;
using System.Threading.Channels;
using Comms.Media.Node;
using Comms.Media.Numbers;

namespace Comms.Signaling.Tests.Bridges;

/// <summary>Writes down what it is asked, in order, and raises the events a test wants. Sessions exist until ended.</summary>
internal sealed class RecordingMediaNode : IMediaNode
{
    private readonly Channel<MediaEvent> _events = System.Threading.Channels.Channel.CreateUnbounded<MediaEvent>();
    private readonly ConcurrentQueue<string> _calls = new();
    private readonly ConcurrentDictionary<SessionId, bool> _ended = [];
    private readonly ConcurrentDictionary<SessionId, TalkGrant> _gates = [];
    private int _renewals;

    public MediaNodeDescription Description { get; } = new()
    {
        FingerprintSha256 = new byte[32], Candidates = [], RtpAddress = IPAddress.Loopback,
    };

    public ChannelReader<MediaEvent> Events => _events.Reader;

    public IReadOnlyList<string> Calls => [.. _calls];

    public IReadOnlyDictionary<SessionId, TalkGrant> OpenGates => _gates;

    public int Renewals => Volatile.Read(ref _renewals);

    public void Raise(MediaEvent entry)
    {
        if (entry is SessionEnded ended)
        {
            _ended[ended.Session] = true;
            _gates.TryRemove(ended.Session, out _);
        }

        if (entry is GateClosed closed)
        {
            _gates.TryRemove(closed.Session, out _);
        }

        _events.Writer.TryWrite(entry);
    }

    public IReadOnlyList<string> CallsOf(SessionId session) => [.. _calls.Where(call => call.Contains($" {session} ", StringComparison.Ordinal))];

    public ValueTask<bool> ListenAsync(SessionId session, int slot, string channelId) => Note(session, $"listen {session} {slot} {channelId}");

    public ValueTask<bool> StopListeningAsync(SessionId session, int slot) => Note(session, $"unlisten {session} {slot}");

    public ValueTask<bool> BeginRequestAsync(SessionId session, string channelId) => Note(session, $"begin {session} {channelId}");

    public ValueTask<bool> OpenGateAsync(SessionId session, TalkGrant grant)
    {
        _gates[session] = grant;
        return Note(session, $"open {session} {grant.ChannelId}");
    }

    public ValueTask<bool> RenewGateAsync(SessionId session, BurstId burst, int leaseMs)
    {
        Interlocked.Increment(ref _renewals);
        return ValueTask.FromResult(_gates.TryGetValue(session, out TalkGrant? grant) && grant.Burst == burst);
    }

    public ValueTask<bool> CloseGateAsync(SessionId session)
    {
        _gates.TryRemove(session, out _);
        return Note(session, $"close {session} gate");
    }

    public ValueTask<bool> StartFeedAsync(string cameraId, FeedSource source)
    {
        _calls.Enqueue($"start {cameraId} {source.Url}");
        return ValueTask.FromResult(true);
    }

    public ValueTask<bool> StopFeedAsync(string cameraId)
    {
        _calls.Enqueue($"stop {cameraId}");
        return ValueTask.FromResult(true);
    }

    public ValueTask<bool> ViewAsync(SessionId session, string cameraId) => Note(session, $"view {session} {cameraId}");

    public ValueTask<MediaResult<LocalIceTransport>> OpenWebRtcSessionAsync(WebRtcSessionParameters parameters) =>
        ValueTask.FromResult(new MediaResult<LocalIceTransport>(null, MediaRefusal.Full));

    public ValueTask<MediaResult<RtpLegTransport>> OpenRtpLegAsync(RtpLegParameters parameters) =>
        ValueTask.FromResult(new MediaResult<RtpLegTransport>(null, MediaRefusal.NoPort));

    public ValueTask<bool> UpdateRtpLegAsync(SessionId session, RtpLegParameters parameters) => ValueTask.FromResult(false);

    public ValueTask<bool> PublishAsync(SessionId session, string cameraId) => throw new NotSupportedException();

    public ValueTask<KeyFrame?> CopyKeyFrameAsync(string cameraId) => throw new NotSupportedException();

    public ValueTask<MediaResult<LocalIceTransport>> RestartIceAsync(SessionId session, string remoteUfrag, string remotePassword) =>
        throw new NotSupportedException();

    public ValueTask<bool> CloseSessionAsync(SessionId session) => Note(session, $"end {session} session");

    /// <summary>What the node says it takes in.</summary>
    public FeedLoad Load { get; set; }

    public ValueTask<FeedLoad> ReadFeedLoadAsync() => ValueTask.FromResult(Load);

    public bool Probe(string cameraId, FeedSource source)
    {
        _calls.Enqueue($"probe {cameraId} {source.Url}");
        return true;
    }

    public ValueTask PingAsync() => ValueTask.CompletedTask;

    public ValueTask<MediaNodeSnapshot> SnapshotAsync(int maxSessions) =>
        ValueTask.FromResult(new MediaNodeSnapshot(0, [], [], [], new Dictionary<string, long>()));

    private ValueTask<bool> Note(SessionId session, string call)
    {
        _calls.Enqueue(call);
        return ValueTask.FromResult(!_ended.ContainsKey(session));
    }
}
