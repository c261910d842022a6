namespace Comms.Grains.Contracts;

/// <summary>
/// What grains tell a node. Calls are hints of a newer level: a node that misses one reads the level again on its next
/// report, so nothing is lost by a lost call.
/// </summary>
[Alias("comms.INodeObserver")]
public interface INodeObserver : IGrainObserver
{
    /// <summary>
    /// The floor, the listener count or the rules of a channel changed. Another rules version than the last one means:
    /// local members' rights must be read again, within 1 s.
    /// </summary>
    void FloorChanged(FloorState floor);

    /// <summary>Start relaying this profile of a camera here.</summary>
    void StartFeed(CameraFeedStart feed);

    void StopFeed(string cameraId, CameraProfile profile);

    /// <summary>A camera's status changed while a viewer of this node is attached or watches the list.</summary>
    void CameraChanged(CameraStatus status);

    /// <summary>A unit, channel, camera, account or town was added, changed or removed.</summary>
    void CatalogChanged(CatalogChange change, CatalogVersion version);
}

/// <summary>Knows the live nodes; a node that stops reporting expires. Key: <see cref="NodeDirectory.Key"/>.</summary>
[Alias("comms.INodeDirectoryGrain")]
public interface INodeDirectoryGrain : IGrainWithStringKey
{
    /// <summary>
    /// Called every few seconds by each node with its observer reference. A node whose own catalog version differs from
    /// the answer has missed changes and rebuilds its index.
    /// </summary>
    /// <param name="sites">The sites whose cameras the node reaches; none means all.</param>
    Task<CatalogVersion> Report(string nodeId, INodeObserver observer, IReadOnlyList<string> sites);

    Task Leave(string nodeId);

    Task<IReadOnlyList<string>> GetLiveNodes();

    /// <summary>The live nodes and which sites each reaches.</summary>
    Task<IReadOnlyList<NodeReach>> GetReach();

    /// <summary>The observer of a live node; null when it is not live.</summary>
    Task<INodeObserver?> Find(string nodeId);

    /// <summary>Grains tell every node of a change of the catalog.</summary>
    Task Announce(CatalogChange change);

    /// <summary>Cameras tell every node how they are.</summary>
    Task AnnounceCamera(CameraStatus status);

    /// <summary>Every camera that is not idle now.</summary>
    Task<IReadOnlyList<CameraStatus>> GetBusyCameras();
}

/// <summary>Which sites' cameras a node reaches. Cameras without a site are reached by every node.</summary>
[GenerateSerializer, Immutable, Alias("comms.NodeReach")]
public sealed record NodeReach(
    [property: Id(0)] string NodeId,
    /// <summary>None means all.</summary>
    [property: Id(1)] IReadOnlyList<string> Sites)
{
    public bool Reaches(string site) => site.Length == 0 || Sites.Count == 0 || Sites.Contains(site);
}

/// <summary>The one key of <see cref="INodeDirectoryGrain"/>.</summary>
public static class NodeDirectory
{
    public const string Key = "nodes";
}

/// <summary>How many changes one life of the node directory has announced.</summary>
[GenerateSerializer, Immutable, Alias("comms.CatalogVersion")]
public sealed record CatalogVersion(
    [property: Id(0)] Guid Life,
    [property: Id(1)] long Changes);

/// <summary>
/// The ids of one part of one kind of catalogued things, so that an index can be rebuilt. Key: "kind/part", see
/// <see cref="CatalogPart"/>.
/// </summary>
[Alias("comms.ICatalogGrain")]
public interface ICatalogGrain : IGrainWithStringKey
{
    Task Add(string id);

    /// <summary>Adds many by one write.</summary>
    Task AddMany(IReadOnlyList<string> ids);

    Task Remove(string id);

    Task<IReadOnlyList<string>> GetIds();
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
    Rehearsal,

    /// <summary>Accounts whose SIP contacts are kept. Listed only: no index holds them and nothing is announced.</summary>
    Registration,

    /// <summary>The dial plan, of which there is one.</summary>
    DialPlan,
}

/// <summary>One change of the catalog (a channel's rules included); nodes read the thing itself again.</summary>
[GenerateSerializer, Immutable, Alias("comms.CatalogChange")]
public sealed record CatalogChange(
    [property: Id(0)] CatalogKind Kind,
    [property: Id(1)] string Id,
    [property: Id(2)] bool Removed);
