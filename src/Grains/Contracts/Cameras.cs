using Orleans.Concurrency;

namespace Comms.Grains.Contracts;

/// <summary>One camera: definition, desired state, which nodes relay it, who views. Key: camera id (opaque).</summary>
[Alias("comms.ICameraGrain")]
public interface ICameraGrain : IGrainWithStringKey
{
    [AlwaysInterleave]
    Task<CameraRecord?> Get();

    /// <summary>Creates or changes the camera. What <paramref name="sources"/> leaves out stays as it is stored.</summary>
    Task<Outcome> Put(CameraDefinition definition, CameraSources sources, Actor actor);

    Task<Outcome> Remove(Actor actor);

    /// <summary>
    /// A viewer attaches on a node: the feed of the profile is started there when none runs. A camera without a sub source
    /// shows its main one. Called by the camera bridge only.
    /// </summary>
    Task<CameraViewReply> AttachViewer(CameraViewer viewer);

    /// <summary>After a node's last viewer its feed is stopped when the grace time (10 s) has passed without another.</summary>
    Task DetachViewer(string viewerId, CameraProfile profile);

    /// <summary>What a node needs to ask the camera for a sign of life; null when there is no such camera.</summary>
    [AlwaysInterleave]
    Task<CameraFeedStart?> GetProbe();

    /// <summary>A node that asked for a sign of life tells what came of it, when that is news.</summary>
    Task ReportProbe(CameraEvidence evidence);

    /// <summary>
    /// A node tells, on every change and every few seconds while it has a viewer or a feed, how its feed of one profile is
    /// and who views it there; viewers it no longer names are gone. The answer is what the node should be doing.
    /// </summary>
    Task<CameraOrder> Report(CameraReport report);

    [AlwaysInterleave]
    Task<CameraStatus> GetStatus();

    /// <summary>Who watches, on any node.</summary>
    [AlwaysInterleave]
    Task<IReadOnlyList<CameraViewer>> GetViewers();
}

/// <summary>Which of a camera's streams: main is the picture at its best, sub the small one for tiles.</summary>
[GenerateSerializer]
public enum CameraProfile
{
    Main,
    Sub,
}

/// <summary>What one node says of one profile of one camera.</summary>
[GenerateSerializer, Immutable, Alias("comms.CameraReport")]
public sealed record CameraReport(
    [property: Id(0)] string NodeId,
    [property: Id(1)] CameraProfile Profile,
    /// <summary>Idle when the node runs no feed of this profile.</summary>
    [property: Id(2)] CameraFeedState State,
    [property: Id(3)] string Reason,
    [property: Id(4)] IReadOnlyList<CameraViewer> Viewers,
    /// <summary>What the feed says of the camera itself; null when it says nothing of it.</summary>
    [property: Id(5)] CameraEvidence? Evidence = null,
    /// <summary>The node runs the feed because of the camera's policy, whether or not someone views.</summary>
    [property: Id(6)] bool IsKept = false);

/// <summary>What was seen of a camera, and since when.</summary>
[GenerateSerializer, Immutable, Alias("comms.CameraEvidence")]
public sealed record CameraEvidence(
    /// <summary>Online: it answered, or its picture comes. Degraded: its picture comes, but badly. Faulty: it is there without a picture. Offline: it cannot be reached.</summary>
    [property: Id(0)] CameraCondition Condition,
    /// <summary>In words, stable so that clients can translate them; "" when all is well.</summary>
    [property: Id(1)] string Reason,
    [property: Id(2)] DateTimeOffset Since,
    /// <summary>True when a picture was seen, not a mere answer.</summary>
    [property: Id(3)] bool IsPicture = false,
    [property: Id(4)] CameraFacts? Facts = null);

/// <summary>How a camera is, whether or not someone watches it.</summary>
[GenerateSerializer]
public enum CameraCondition
{
    /// <summary>Nothing was seen of it yet.</summary>
    Unknown,
    Online,
    Degraded,
    Faulty,
    Offline,
}

/// <summary>How a camera is, why, and since when. Persisted.</summary>
[GenerateSerializer, Immutable, Alias("comms.CameraHealth")]
public sealed record CameraHealth(
    [property: Id(0)] CameraCondition Condition,
    [property: Id(1)] string Reason,
    [property: Id(2)] DateTimeOffset Since)
{
    public static readonly CameraHealth Unknown = new(CameraCondition.Unknown, "", DateTimeOffset.MinValue);
}

/// <summary>What was learned from a camera's main stream. Persisted.</summary>
[GenerateSerializer, Immutable, Alias("comms.CameraFacts")]
public sealed record CameraFacts(
    /// <summary>As FFmpeg names it: "h264", "hevc".</summary>
    [property: Id(0)] string Codec,
    [property: Id(1)] int WidthPixels,
    [property: Id(2)] int HeightPixels,
    /// <summary>From one key frame to the next, in half seconds; 0 until two were seen.</summary>
    [property: Id(3)] int KeyFrameMs,
    /// <summary>As FFmpeg names it: "pcm_alaw", "pcm_mulaw", "opus"; "" without sound.</summary>
    [property: Id(4)] string AudioCodec,
    /// <summary>The camera's own pictures cannot be shown by browsers: this is what the node makes of them.</summary>
    [property: Id(5)] bool IsConverted);

/// <summary>All that is known of a camera but its sources.</summary>
[GenerateSerializer, Immutable, Alias("comms.CameraRecord")]
public sealed record CameraRecord(
    [property: Id(0)] CameraDefinition Definition,
    [property: Id(1)] CameraHealth Health,
    [property: Id(2)] CameraFacts? Facts);

/// <summary>What a node should do with a profile. The feed comes only when the node should run it and reported Idle.</summary>
[GenerateSerializer, Immutable, Alias("comms.CameraOrder")]
public sealed record CameraOrder(
    [property: Id(0)] bool ShouldRun,
    [property: Id(1)] CameraFeedStart? Start);

/// <summary>All that a node needs to take in one profile of a camera.</summary>
[GenerateSerializer, Immutable, Alias("comms.CameraFeedStart")]
public sealed record CameraFeedStart(
    [property: Id(0)] string CameraId,
    [property: Id(1)] CameraProfile Profile,
    [property: Id(2)] CameraSource Source,
    /// <summary>The site whose connections are limited together; "" when none is known.</summary>
    [property: Id(3)] string Site);

/// <summary>What a camera is. Persisted. Credentials are part of <see cref="CameraSource"/> and never returned here.</summary>
[GenerateSerializer, Immutable, Alias("comms.CameraDefinition")]
public sealed record CameraDefinition(
    [property: Id(0)] string Id,
    [property: Id(1)] string NameZh,
    [property: Id(2)] string NameEn,
    [property: Id(3)] string TownId,
    [property: Id(4)] string Department,
    [property: Id(5)] double? LatitudeDeg = null,
    [property: Id(6)] double? LongitudeDeg = null,
    [property: Id(7)] double? HeadingDeg = null,
    [property: Id(8)] string GbCode = "",
    /// <summary>The network place behind one line or switch, an id; "" when none is known.</summary>
    [property: Id(9)] string Site = "",
    /// <summary>True when a sub source is stored; kept by the camera itself, whatever a change says.</summary>
    [property: Id(10)] bool HasSub = false,
    [property: Id(11)] CameraPolicy Policy = CameraPolicy.OnDemand);

/// <summary>When a camera is taken in.</summary>
[GenerateSerializer]
public enum CameraPolicy
{
    /// <summary>While someone watches, and for the grace time after.</summary>
    OnDemand,

    /// <summary>Like on demand, but for a long time after.</summary>
    KeptWarm,

    /// <summary>Whether or not someone watches.</summary>
    AlwaysOn,
}

/// <summary>A camera's sources to be stored. Null keeps the stored one; a sub source with an empty URL takes it away.</summary>
[GenerateSerializer, Immutable, Alias("comms.CameraSources")]
public sealed record CameraSources(
    [property: Id(0)] CameraSource? Main = null,
    [property: Id(1)] CameraSource? Sub = null)
{
    public override string ToString() => "CameraSources";
}

/// <summary>Where the picture comes from. Stored encrypted, never returned by the API, never logged.</summary>
[GenerateSerializer, Immutable, Alias("comms.CameraSource")]
public sealed record CameraSource(
    /// <summary>rtsp, rtsps, http, https, rtmp, rtmps or srt URL without credentials.</summary>
    [property: Id(0)] string Url,
    [property: Id(1)] string UserName = "",
    [property: Id(2)] string Password = "")
{
    /// <summary>The URL of a camera that is not pulled: a phone, a drone or an encoder publishes to it.</summary>
    public const string Published = "publish:";

    /// <summary>What a URL may begin with, from what is pulled by ourselves to what goes to ffmpeg.</summary>
    public static readonly IReadOnlyList<string> Schemes = ["rtsp", "rtsps", "http", "https", "rtmp", "rtmps", "srt"];

    public override string ToString() => "CameraSource";
}

/// <summary>One viewer of one profile: where, who and since when.</summary>
[GenerateSerializer, Immutable, Alias("comms.CameraViewer")]
public sealed record CameraViewer(
    [property: Id(0)] string ViewerId,
    [property: Id(1)] string NodeId,
    [property: Id(2)] Actor Actor,
    [property: Id(3)] CameraProfile Profile,
    [property: Id(4)] DateTimeOffset Since);

/// <summary>Whether the viewer may attach, and the profile it is shown: sub becomes main where there is no sub source.</summary>
[GenerateSerializer, Immutable, Alias("comms.CameraViewReply")]
public sealed record CameraViewReply(
    [property: Id(0)] Outcome Outcome,
    [property: Id(1)] CameraStatus? Status,
    [property: Id(2)] CameraProfile Profile = CameraProfile.Main);

/// <summary>States of a camera's feed as people see it.</summary>
[GenerateSerializer]
public enum CameraFeedState
{
    Idle,
    Connecting,
    Live,
    Reconnecting,
}

/// <summary>How the camera is now: its feed, and the camera itself.</summary>
[GenerateSerializer, Immutable, Alias("comms.CameraStatus")]
public sealed record CameraStatus(
    [property: Id(0)] string CameraId,
    [property: Id(1)] CameraFeedState State,
    /// <summary>In words, when not live: "connection refused".</summary>
    [property: Id(2)] string Reason,
    [property: Id(3)] int Viewers,
    /// <summary>The node whose feed is best off; "" when none runs.</summary>
    [property: Id(4)] string RelayNodeId,
    [property: Id(5)] DateTimeOffset Since,
    [property: Id(6)] CameraHealth Health,
    [property: Id(7)] CameraFacts? Facts);
