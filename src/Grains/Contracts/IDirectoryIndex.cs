namespace Comms.Grains.Contracts;

/// <summary>
/// This node's in-memory index of everything that is catalogued: rebuilt from the store at start, then fed by change
/// events. Grains cannot be queried, so lists, searches and look-ups by number come from here. Thread-safe; reads never block.
/// </summary>
public interface IDirectoryIndex
{
    /// <summary>Completes when the first rebuild is done.</summary>
    Task Ready { get; }

    IReadOnlyList<TownNode> Towns { get; }

    /// <summary>The rehearsals that run now, oldest first. Their units and accounts are found by id only, never listed.</summary>
    IReadOnlyList<RehearsalDefinition> Rehearsals { get; }

    DialPlan DialPlan { get; }

    UnitDefinition? FindUnit(string unitId);

    ChannelDefinition? FindChannel(string channelId);

    /// <summary>By the number that SIP callers dial.</summary>
    ChannelDefinition? FindChannelByNumber(string number);

    /// <summary>The accounts that speak for a unit. Looks through all: not for a packet's path.</summary>
    IReadOnlyList<AccountDefinition> AccountsOf(string unitId);

    CameraDefinition? FindCamera(string cameraId);

    /// <summary>The camera with how it is and what was learned of it.</summary>
    CameraRecord? FindCameraRecord(string cameraId);

    /// <summary>Every camera's id, in ordinal order.</summary>
    IReadOnlyList<string> CameraIds { get; }

    /// <summary>By user name, case-insensitive.</summary>
    AccountDefinition? FindAccount(string userName);

    /// <summary>
    /// What a unit may do in a channel as this node knows it: for lists. Joining and talking are decided by the channel's grain.
    /// </summary>
    ChannelRight GetRight(string channelId, string unitId);

    Page<UnitDefinition> Units(DirectoryQuery query);

    Page<ChannelDefinition> Channels(DirectoryQuery query);

    Page<CameraRecord> Cameras(CameraQuery query);

    Page<AccountDefinition> Accounts(DirectoryQuery query);

    /// <summary>True when <paramref name="townId"/> lies in the subtree of the tree path ("" is everything).</summary>
    bool IsWithin(string townId, string townPath);

    /// <summary>Raised after the index took a change in; on the changing thread, so handlers only enqueue.</summary>
    event Action<CatalogChange>? Changed;
}

/// <summary>A search. <paramref name="Text"/> matches names, ids, call signs and numbers, case-insensitive.</summary>
public sealed record DirectoryQuery(string Text = "", string TownPath = "", string After = "", int Limit = 100);

/// <summary>One page in id order; <paramref name="Next"/> is the After of the next page, null at the end.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next, int Total);

/// <summary>A search for cameras; what is empty or null is not asked for.</summary>
public sealed record CameraQuery(string Text = "", string TownPath = "", string After = "", int Limit = 100)
{
    public string Department { get; init; } = "";

    /// <summary>The beginning of a GB/T code.</summary>
    public string Code { get; init; } = "";

    public string Site { get; init; } = "";

    public CameraCondition? Condition { get; init; }

    public MapRectangle? Within { get; init; }
}

/// <summary>A rectangle of the map in degrees, its edges included. West above east means across the 180th meridian.</summary>
public sealed record MapRectangle(double West, double South, double East, double North)
{
    /// <summary>False for what has no place.</summary>
    public bool Contains(double? latitude, double? longitude) =>
        latitude >= South && latitude <= North
        && (West <= East ? longitude >= West && longitude <= East : longitude >= West || longitude <= East);
}
