namespace Comms.Signaling.Bridges;

/// <summary>Log messages of the bridges; ids 3100–3199.</summary>
internal static partial class BridgeLog
{
    [LoggerMessage(3100, LogLevel.Information, "Node {NodeId} takes part")]
    public static partial void NodeStarted(this ILogger log, string nodeId);

    [LoggerMessage(3101, LogLevel.Warning, "A grain did not answer ({What}): {Reason}")]
    public static partial void GrainFailed(this ILogger log, string what, string reason);

    [LoggerMessage(3102, LogLevel.Debug, "Burst {BurstId} of unit {UnitId} in channel {ChannelId} was ended: {Cause}")]
    public static partial void BurstRevoked(this ILogger log, long burstId, string unitId, string channelId, string cause);

    [LoggerMessage(3103, LogLevel.Information, "Unit {UnitId} lost its right in channel {ChannelId} and was put out")]
    public static partial void MemberRemoved(this ILogger log, string unitId, string channelId);

    [LoggerMessage(3104, LogLevel.Information, "Changes of the catalog were missed, the index is rebuilt")]
    public static partial void IndexBehind(this ILogger log);

    [LoggerMessage(3105, LogLevel.Information, "Feed of camera {CameraId}: {State} {Reason}")]
    public static partial void FeedChanged(this ILogger log, string cameraId, string state, string reason);

    [LoggerMessage(3106, LogLevel.Warning, "Not all cameras that are always on are taken in: {Reason}")]
    public static partial void CamerasNotKept(this ILogger log, string reason);
}
