using System.ComponentModel.DataAnnotations;

namespace Comms.Signaling.Store;

/// <summary>Where everything durable lies: the embedded store, or a Redis of one's own.</summary>
public sealed record StoreOptions
{
    /// <summary>
    /// StackExchange.Redis connection string ("10.0.0.5:6379,password=…"). Empty: the embedded store in
    /// <see cref="DataFolder"/>; the server is then a cluster of one.
    /// </summary>
    public string Redis { get; init; } = "";

    /// <summary>Folder of the embedded store and of the key file; made with mode 0700.</summary>
    [Required]
    public string DataFolder { get; init; } = "data/store";

    /// <summary>Memory of the embedded store's main log, in MB; records beyond it stay on disk. A power of two.</summary>
    [Range(16, 65_536)]
    public int MemoryMb { get; init; } = 64;

    /// <summary>How often the embedded store's log is cut by a checkpoint when something was written, in minutes.</summary>
    [Range(1, 1440)]
    public int CheckpointMinutes { get; init; } = 30;

    /// <summary>Free disk space in MB below which the server reports itself unhealthy, and refuses to start at a quarter of it.</summary>
    [Range(1, 1_000_000)]
    public int MinFreeDiskMb { get; init; } = 256;

    /// <summary>TCP port of the silo for other silos; 0 takes a free one.</summary>
    [Range(0, 65_535)]
    public int SiloPort { get; init; }

    /// <summary>Address by which other silos reach this one; only with <see cref="Redis"/>.</summary>
    public string AdvertisedAddress { get; init; } = "127.0.0.1";

    /// <summary>Silos with the same cluster name in the same Redis form one cluster.</summary>
    [Required]
    public string Cluster { get; init; } = "comms";

    public bool IsEmbedded => Redis.Length == 0;
}
