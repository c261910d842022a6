using Microsoft.Extensions.Logging;

namespace Comms.Grains;

/// <summary>Log messages of the grains; ids 2000–2099.</summary>
internal static partial class GrainLog
{
    [LoggerMessage(2000, LogLevel.Information, "Directory index holds {Units} units, {Channels} channels, {Cameras} cameras, {Accounts} accounts, {Towns} tree nodes")]
    public static partial void IndexRebuilt(this ILogger log, int units, int channels, int cameras, int accounts, int towns);

    [LoggerMessage(2001, LogLevel.Debug, "Floor of channel {ChannelId}: {Decision}, burst {BurstId}, unit {UnitId}")]
    public static partial void FloorDecided(this ILogger log, string channelId, string decision, long burstId, string unitId);

    [LoggerMessage(2010, LogLevel.Warning, "Journal is not being stored, {Waiting} events wait: {Reason}")]
    public static partial void JournalStalled(this ILogger log, int waiting, string reason);

    [LoggerMessage(2011, LogLevel.Information, "Journal is stored again")]
    public static partial void JournalResumed(this ILogger log);

    [LoggerMessage(2012, LogLevel.Error, "Journal lost {Events} events at shutdown: {Reason}")]
    public static partial void JournalLost(this ILogger log, int events, string reason);

    [LoggerMessage(2020, LogLevel.Information, "Node {NodeId} joined")]
    public static partial void NodeJoined(this ILogger log, string nodeId);

    [LoggerMessage(2021, LogLevel.Information, "Node {NodeId} left: {Reason}")]
    public static partial void NodeLeft(this ILogger log, string nodeId, string reason);

    [LoggerMessage(2030, LogLevel.Warning, "Expired rehearsals could not be ended: {Reason}")]
    public static partial void RehearsalNotEnded(this ILogger log, string reason);
}
