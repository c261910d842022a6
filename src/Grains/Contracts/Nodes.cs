namespace Comms.Grains.Contracts;

/// <summary>
/// What grains tell a node. Calls are hints of a newer level: a node that misses one reads the level again on its next
/// report, so nothing is lost by a lost call.
/// </summary>
[Alias("comms.INodeObserver")]
public interface INodeObserver : IGrainObserver
{
    /// <summary>The floor or the listener count of a channel changed.</summary>
    void FloorChanged(FloorState floor);

    /// <summary>Membership of a channel changed: local members' rights must be read again, within 1 s.</summary>
    void ChannelRulesChanged(string channelId);

    /// <summary>Start relaying this camera here.</summary>
    void StartFeed(string cameraId, CameraSource source);

    void StopFeed(string cameraId);

    /// <summary>A camera's status changed while a viewer of this node is attached or watches the list.</summary>
    void CameraChanged(CameraStatus status);

    /// <summary>A unit, channel, camera, account or town was added, changed or removed.</summary>
    void CatalogChanged(CatalogChange change);
}

/// <summary>Knows the live nodes; a node that stops reporting expires. Key: "nodes".</summary>
[Alias("comms.INodeDirectoryGrain")]
public interface INodeDirectoryGrain : IGrainWithStringKey
{
    /// <summary>Called every few seconds by each node with its observer reference.</summary>
    Task Report(string nodeId, INodeObserver observer);

    Task Leave(string nodeId);

    Task<IReadOnlyList<string>> GetLiveNodes();

    /// <summary>Grains tell every node of a change of the catalog.</summary>
    Task Announce(CatalogChange change);
}

/// <summary>Kinds of catalogued things.</summary>
[GenerateSerializer]
public enum CatalogKind
{
    Unit,
    Channel,
    Camera,
    Account,
    Town,
}

/// <summary>One change of the catalog; nodes read the thing itself again.</summary>
[GenerateSerializer, Immutable, Alias("comms.CatalogChange")]
public sealed record CatalogChange(
    [property: Id(0)] CatalogKind Kind,
    [property: Id(1)] string Id,
    [property: Id(2)] bool Removed);
