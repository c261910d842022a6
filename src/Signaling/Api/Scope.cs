using Comms.Grains.Contracts;
using Comms.Signaling.Security;

namespace Comms.Signaling.Api;

/// <summary>The subtree of the town tree that a caller sees and changes: the account's town path, "" for everything.</summary>
public sealed class Scope(Caller caller, IDirectoryIndex directory)
{
    public string TownPath => caller.Account.TownPath;

    public bool HasTown(string townId) => TownPath.Length == 0 || directory.IsWithin(townId, TownPath);

    /// <summary>True when the other path is this one or below it, so that nobody grants more than he has.</summary>
    public bool HasPath(string path) =>
        TownPath.Length == 0 || path == TownPath || path.StartsWith(TownPath + "/", StringComparison.Ordinal);
}
