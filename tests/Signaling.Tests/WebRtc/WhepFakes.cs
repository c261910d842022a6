using System.Net;
using System.Threading.Channels;
using Comms.Grains.Contracts;
using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Signaling.Bridges;

namespace Comms.Signaling.Tests.WebRtc;

/// <summary>Records what signaling asks of media; answers with the configured refusal.</summary>
internal sealed class RecordingMediaNode : IMediaNode, IMediaEvents
{
    private long _lastSession;

    public event Action<SessionEnded>? SessionEnded;

    event Action<SessionConnected>? IMediaEvents.SessionConnected
    {
        add { }
        remove { }
    }

    event Action<DigitPressed>? IMediaEvents.DigitPressed
    {
        add { }
        remove { }
    }

    event Action<GateClosed>? IMediaEvents.GateClosed
    {
        add { }
        remove { }
    }

    event Action<FeedChanged>? IMediaEvents.FeedChanged
    {
        add { }
        remove { }
    }

    event Action<ViewerDetached>? IMediaEvents.ViewerDetached
    {
        add { }
        remove { }
    }

    public MediaRefusal Refusal { get; set; }

    public List<WebRtcSessionParameters> Opened { get; } = [];

    public List<(SessionId Session, string RemoteUfrag)> Restarted { get; } = [];

    public List<SessionId> Closed { get; } = [];

    public MediaNodeDescription Description { get; } = new()
    {
        FingerprintSha256 = new byte[32],
        Candidates = [new IPEndPoint(IPAddress.Loopback, 9000)],
        RtpAddress = IPAddress.Loopback,
    };

    public ChannelReader<MediaEvent> Events => throw new NotSupportedException();

    public void End(SessionId session) => SessionEnded?.Invoke(new SessionEnded(session, SessionEndReason.Timeout));

    public ValueTask<MediaResult<LocalIceTransport>> OpenWebRtcSessionAsync(WebRtcSessionParameters parameters)
    {
        if (Refusal != MediaRefusal.None) return ValueTask.FromResult(new MediaResult<LocalIceTransport>(null, Refusal));
        Opened.Add(parameters);
        var transport = new LocalIceTransport(new SessionId(++_lastSession), "ufragufrag", "passwordpasswordpassword");
        return ValueTask.FromResult(new MediaResult<LocalIceTransport>(transport, MediaRefusal.None));
    }

    public ValueTask<MediaResult<LocalIceTransport>> RestartIceAsync(SessionId session, string remoteUfrag, string remotePassword)
    {
        Restarted.Add((session, remoteUfrag));
        return ValueTask.FromResult(new MediaResult<LocalIceTransport>(new LocalIceTransport(session, "newufrag", "newpasswordnewpassword1"), MediaRefusal.None));
    }

    public ValueTask<bool> CloseSessionAsync(SessionId session)
    {
        Closed.Add(session);
        return ValueTask.FromResult(true);
    }

    public ValueTask<MediaResult<RtpLegTransport>> OpenRtpLegAsync(RtpLegParameters parameters) => throw new NotSupportedException();

    public ValueTask<bool> UpdateRtpLegAsync(SessionId session, RtpLegParameters parameters) => throw new NotSupportedException();

    public ValueTask<bool> ListenAsync(SessionId session, int slot, string channelId) => throw new NotSupportedException();

    public ValueTask<bool> StopListeningAsync(SessionId session, int slot) => throw new NotSupportedException();

    public ValueTask<bool> BeginRequestAsync(SessionId session, string channelId) => throw new NotSupportedException();

    public ValueTask<bool> OpenGateAsync(SessionId session, TalkGrant grant) => throw new NotSupportedException();

    public ValueTask<bool> RenewGateAsync(SessionId session, BurstId burst, int leaseMs) => throw new NotSupportedException();

    public ValueTask<bool> CloseGateAsync(SessionId session) => throw new NotSupportedException();

    public ValueTask<bool> StartFeedAsync(string cameraId, FeedSource source) => throw new NotSupportedException();

    public ValueTask<bool> StopFeedAsync(string cameraId) => throw new NotSupportedException();

    public ValueTask<bool> ViewAsync(SessionId session, string cameraId) => throw new NotSupportedException();

    public List<(SessionId Session, string Camera)> Published { get; } = [];

    public ValueTask<bool> PublishAsync(SessionId session, string cameraId)
    {
        Published.Add((session, cameraId));
        return ValueTask.FromResult(true);
    }

    public ValueTask<KeyFrame?> CopyKeyFrameAsync(string cameraId) => throw new NotSupportedException();

    public ValueTask<FeedLoad> ReadFeedLoadAsync() => throw new NotSupportedException();

    public bool Probe(string cameraId, FeedSource source) => throw new NotSupportedException();

    public ValueTask PingAsync() => ValueTask.CompletedTask;

    public ValueTask<MediaNodeSnapshot> SnapshotAsync(int maxSessions) => throw new NotSupportedException();
}

/// <summary>Records who views what.</summary>
internal sealed class RecordingCameras : ICameraBridge
{
    public event Action<CameraStatus>? StatusChanged
    {
        add { }
        remove { }
    }

    public Outcome Answer { get; set; } = Outcome.Ok;

    public List<(SessionId Session, string Camera, CameraProfile Profile, Actor Actor)> Viewed { get; } = [];

    public List<SessionId> Stopped { get; } = [];

    public Task<CameraViewReply> ViewAsync(SessionId session, string cameraId, CameraProfile profile, Actor actor)
    {
        Viewed.Add((session, cameraId, profile, actor));
        return Task.FromResult(new CameraViewReply(Answer, null, profile));
    }

    public Task StopViewingAsync(SessionId session)
    {
        Stopped.Add(session);
        return Task.CompletedTask;
    }

    public CameraStatus GetStatus(string cameraId) => throw new NotSupportedException();

    public IReadOnlyList<CameraStatus> GetBusy() => [];
}

/// <summary>A directory with one camera, which everyone may see.</summary>
internal sealed class OneCameraDirectory(string cameraId) : IDirectoryIndex
{
    public event Action<CatalogChange>? Changed
    {
        add { }
        remove { }
    }

    public Task Ready => Task.CompletedTask;

    public IReadOnlyList<TownNode> Towns => [];

    public IReadOnlyList<RehearsalDefinition> Rehearsals => [];

    public DialPlan DialPlan { get; } = new([], []);

    public IReadOnlyList<AccountDefinition> AccountsOf(string unitId) => [];

    public CameraDefinition? FindCamera(string wanted) => wanted == cameraId ? new CameraDefinition(wanted, "", "", "", "") : null;

    public CameraRecord? FindCameraRecord(string wanted) =>
        FindCamera(wanted) is { } camera ? new CameraRecord(camera, CameraHealth.Unknown, null) : null;

    public IReadOnlyList<string> CameraIds => [cameraId];

    public UnitDefinition? FindUnit(string unitId) => null;

    public ChannelDefinition? FindChannel(string channelId) => null;

    public ChannelDefinition? FindChannelByNumber(string number) => null;

    public AccountDefinition? FindAccount(string userName) =>
        userName == "admin" ? new AccountDefinition(userName, userName, AccountRole.Administrator, "unit-admin")
        : userName == "dispatcher" ? new AccountDefinition(userName, userName, AccountRole.Dispatcher, "unit-dispatcher") : null;

    public ChannelRight GetRight(string channelId, string unitId) => ChannelRight.None;

    public Page<UnitDefinition> Units(DirectoryQuery query) => throw new NotSupportedException();

    public Page<ChannelDefinition> Channels(DirectoryQuery query) => throw new NotSupportedException();

    public Page<CameraRecord> Cameras(CameraQuery query) => throw new NotSupportedException();

    public Page<AccountDefinition> Accounts(DirectoryQuery query) => throw new NotSupportedException();

    public bool IsWithin(string townId, string townPath) => true;
}
