using System.Collections.Concurrent;
using System.Net;
using System.Threading.Channels;
using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Signaling.Bridges;

namespace Comms.Signaling.Tests.Bridges;

/// <summary>A media node that only remembers what signaling asked of its plain-RTP legs, and lets a test raise its events.</summary>
public class RecordingLegNode : IMediaNode, IMediaEvents
{
    private long _lastSession;

    public event Action<SessionConnected>? SessionConnected;

    public event Action<SessionEnded>? SessionEnded;

    public event Action<DigitPressed>? DigitPressed;

    public event Action<GateClosed>? GateClosed;

    public event Action<FeedChanged>? FeedChanged;

    public event Action<ViewerDetached>? ViewerDetached;

    /// <summary>Open legs with their newest parameters.</summary>
    public ConcurrentDictionary<SessionId, RtpLegParameters> Legs { get; } = new();

    /// <summary>Refuses the next legs when it is not None.</summary>
    public MediaRefusal Refusal { get; set; }

    public MediaNodeDescription Description => new() { FingerprintSha256 = new byte[32], Candidates = [], RtpAddress = IPAddress.Loopback };

    public ChannelReader<MediaEvent> Events => Channel.CreateUnbounded<MediaEvent>().Reader;

    public virtual ValueTask<MediaResult<RtpLegTransport>> OpenRtpLegAsync(RtpLegParameters parameters)
    {
        if (Refusal != MediaRefusal.None)
        {
            return ValueTask.FromResult(new MediaResult<RtpLegTransport>(null, Refusal));
        }

        var session = NextSession();
        Legs[session] = parameters;
        var transport = new RtpLegTransport(session, new IPEndPoint(parameters.LocalAddress, 30_000), new IPEndPoint(parameters.LocalAddress, 30_001));
        return ValueTask.FromResult(new MediaResult<RtpLegTransport>(transport, MediaRefusal.None));
    }

    public virtual ValueTask<bool> UpdateRtpLegAsync(SessionId session, RtpLegParameters parameters)
    {
        var isOpen = Legs.ContainsKey(session);
        if (isOpen)
        {
            Legs[session] = parameters;
        }

        return ValueTask.FromResult(isOpen);
    }

    public ValueTask<bool> PublishAsync(SessionId session, string cameraId) => throw new NotSupportedException();

    public ValueTask<KeyFrame?> CopyKeyFrameAsync(string cameraId) => throw new NotSupportedException();

    public ValueTask<MediaResult<LocalIceTransport>> RestartIceAsync(SessionId session, string remoteUfrag, string remotePassword) =>
        throw new NotSupportedException();

    public virtual ValueTask<bool> CloseSessionAsync(SessionId session) => ValueTask.FromResult(Legs.TryRemove(session, out _));

    public void Press(SessionId session, byte code) => DigitPressed?.Invoke(new DigitPressed(session, code));

    public void EndLeg(SessionId session, SessionEndReason reason)
    {
        Legs.TryRemove(session, out _);
        SessionEnded?.Invoke(new SessionEnded(session, reason));
    }

    public ValueTask<MediaResult<LocalIceTransport>> OpenWebRtcSessionAsync(WebRtcSessionParameters parameters) => Unused<MediaResult<LocalIceTransport>>();

    public ValueTask<bool> ListenAsync(SessionId session, int slot, string channelId) => Unused<bool>();

    public ValueTask<bool> StopListeningAsync(SessionId session, int slot) => Unused<bool>();

    public ValueTask<bool> BeginRequestAsync(SessionId session, string channelId) => Unused<bool>();

    public ValueTask<bool> OpenGateAsync(SessionId session, TalkGrant grant) => Unused<bool>();

    public ValueTask<bool> RenewGateAsync(SessionId session, BurstId burst, int leaseMs) => Unused<bool>();

    public ValueTask<bool> CloseGateAsync(SessionId session) => Unused<bool>();

    public ValueTask<bool> StartFeedAsync(string cameraId, FeedSource source) => Unused<bool>();

    public ValueTask<bool> StopFeedAsync(string cameraId) => Unused<bool>();

    public ValueTask<bool> ViewAsync(SessionId session, string cameraId) => Unused<bool>();

    public ValueTask<FeedLoad> ReadFeedLoadAsync() => ValueTask.FromResult(default(FeedLoad));

    public bool Probe(string cameraId, FeedSource source) => false;

    public ValueTask PingAsync() => ValueTask.CompletedTask;

    public ValueTask<MediaNodeSnapshot> SnapshotAsync(int maxSessions) => Unused<MediaNodeSnapshot>();

    protected SessionId NextSession() => new(Interlocked.Increment(ref _lastSession));

    private ValueTask<T> Unused<T>()
    {
        _ = (SessionConnected, GateClosed, FeedChanged, ViewerDetached);
        throw new NotSupportedException("The SIP side asks nothing of this kind.");
    }
}
