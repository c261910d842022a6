using Orleans.Concurrency;

namespace Comms.Grains.Contracts;

/// <summary>One camera: definition, desired state, which nodes relay it, who views. Key: camera id (opaque).</summary>
[Alias("comms.ICameraGrain")]
public interface ICameraGrain : IGrainWithStringKey
{
    [AlwaysInterleave]
    Task<CameraDefinition?> Get();

    /// <summary>Creates or changes the camera; <paramref name="source"/> null keeps the stored one.</summary>
    Task<Outcome> Put(CameraDefinition definition, CameraSource? source, Actor actor);

    Task<Outcome> Remove(Actor actor);

    /// <summary>A viewer attaches on a node: the feed is started there when none runs. Called by the camera bridge only.</summary>
    Task<CameraViewReply> AttachViewer(CameraViewer viewer);

    /// <summary>After a node's last viewer its feed is stopped when the grace time (10 s) has passed without another.</summary>
    Task DetachViewer(string viewerId);

    /// <summary>
    /// A node tells, on every change and every few seconds while it has a viewer or a feed, how its feed is and who views
    /// there; viewers it no longer names are gone. The answer is what the node should be doing.
    /// </summary>
    Task<CameraOrder> Report(CameraReport report);

    [AlwaysInterleave]
    Task<CameraStatus> GetStatus();
}

/// <summary>What one node says of one camera.</summary>
[GenerateSerializer, Immutable, Alias("comms.CameraReport")]
public sealed record CameraReport(
    [property: Id(0)] string NodeId,
    /// <summary>Idle when the node runs no feed of this camera.</summary>
    [property: Id(1)] CameraFeedState State,
    [property: Id(2)] string Reason,
    [property: Id(3)] IReadOnlyList<string> ViewerIds);

/// <summary>What a node should do with a camera. The source comes only when the node should run a feed and reported Idle.</summary>
[GenerateSerializer, Immutable, Alias("comms.CameraOrder")]
public sealed record CameraOrder(
    [property: Id(0)] bool ShouldRun,
    [property: Id(1)] CameraSource? Source);

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
    [property: Id(8)] string GbCode = "");

/// <summary>Where the picture comes from. Stored encrypted, never returned by the API, never logged.</summary>
[GenerateSerializer, Immutable, Alias("comms.CameraSource")]
public sealed record CameraSource(
    /// <summary>rtsp, rtsps, http, https, rtmp, rtmps or srt URL without credentials.</summary>
    [property: Id(0)] string Url,
    [property: Id(1)] string UserName = "",
    [property: Id(2)] string Password = "")
{
    public override string ToString() => "CameraSource";
}

/// <summary>One viewer.</summary>
[GenerateSerializer, Immutable, Alias("comms.CameraViewer")]
public sealed record CameraViewer(
    [property: Id(0)] string ViewerId,
    [property: Id(1)] string NodeId,
    [property: Id(2)] Actor Actor);

/// <summary>Whether the viewer may attach.</summary>
[GenerateSerializer, Immutable, Alias("comms.CameraViewReply")]
public sealed record CameraViewReply(
    [property: Id(0)] Outcome Outcome,
    [property: Id(1)] CameraStatus? Status);

/// <summary>States of a camera's feed as people see it.</summary>
[GenerateSerializer]
public enum CameraFeedState
{
    Idle,
    Connecting,
    Live,
    Reconnecting,
}

/// <summary>How the camera is now.</summary>
[GenerateSerializer, Immutable, Alias("comms.CameraStatus")]
public sealed record CameraStatus(
    [property: Id(0)] string CameraId,
    [property: Id(1)] CameraFeedState State,
    /// <summary>In words, when not live: "connection refused".</summary>
    [property: Id(2)] string Reason,
    [property: Id(3)] int Viewers,
    /// <summary>The node whose feed is best off; "" when none runs.</summary>
    [property: Id(4)] string RelayNodeId,
    [property: Id(5)] DateTimeOffset Since);
