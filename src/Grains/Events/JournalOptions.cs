using System.ComponentModel.DataAnnotations;

namespace Comms.Grains.Events;

/// <summary>Bounds of the journal.</summary>
public sealed record JournalOptions
{
    /// <summary>Events that may wait for the store; above it new ones are dropped and counted.</summary>
    [Range(100, 1_000_000)]
    public int QueueEvents { get; init; } = 50_000;

    /// <summary>Newest events kept; about 200 bytes of the store's memory each.</summary>
    [Range(1_000, 100_000_000)]
    public long KeepEvents { get; init; } = 500_000;
}
