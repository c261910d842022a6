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

    UnitDefinition? FindUnit(string unitId);

    ChannelDefinition? FindChannel(string channelId);

    /// <summary>By the number that SIP callers dial.</summary>
    ChannelDefinition? FindChannelByNumber(string number);

    CameraDefinition? FindCamera(string cameraId);

    /// <summary>By user name, case-insensitive.</summary>
    AccountDefinition? FindAccount(string userName);

    /// <summary>
    /// What a unit may do in a channel as this node knows it: for lists. Joining and talking are decided by the channel's grain.
    /// </summary>
    ChannelRight GetRight(string channelId, string unitId);

    Page<UnitDefinition> Units(DirectoryQuery query);

    Page<ChannelDefinition> Channels(DirectoryQuery query);

    Page<CameraDefinition> Cameras(DirectoryQuery query);

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
