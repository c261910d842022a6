namespace Comms.Signaling.Store;

/// <summary>Log messages of the store; ids 3000–3099.</summary>
internal static partial class StoreLog
{
    [LoggerMessage(3000, LogLevel.Information, "Embedded store is ready in {Folder} after {ElapsedMs} ms")]
    public static partial void EmbeddedReady(this ILogger log, string folder, long elapsedMs);

    [LoggerMessage(3001, LogLevel.Information, "Redis at {Endpoints} is ready")]
    public static partial void RedisReady(this ILogger log, string endpoints);

    [LoggerMessage(3002, LogLevel.Information, "Embedded store is closed, its log is cut")]
    public static partial void EmbeddedClosed(this ILogger log);

    [LoggerMessage(3003, LogLevel.Warning, "Embedded store could not cut its log, which goes on growing: {Reason}")]
    public static partial void CheckpointFailed(this ILogger log, string reason);

    [LoggerMessage(3004, LogLevel.Debug, "Embedded store cut its log")]
    public static partial void CheckpointTaken(this ILogger log);

    [LoggerMessage(3005, LogLevel.Error, "The disk of {Folder} has {FreeMb} MB left; below {MinMb} MB changes may not be stored. Make room")]
    public static partial void DiskNearlyFull(this ILogger log, string folder, long freeMb, int minMb);

    [LoggerMessage(3006, LogLevel.Information, "The store takes changes again")]
    public static partial void StoreTakesChanges(this ILogger log);

    [LoggerMessage(3007, LogLevel.Error, "The store takes no changes: {Reason}")]
    public static partial void StoreSilent(this ILogger log, string reason);
}
