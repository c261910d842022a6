using Comms.Grains.Contracts;

namespace Comms.Signaling.Bridges;

/// <summary>
/// Counts the catalog's announcements and notices missed ones. A report's answer may overtake an announcement on its
/// way, so being behind counts only when it lasts over two reports.
/// </summary>
internal sealed class CatalogPosition
{
    private readonly Lock _lock = new();
    private Guid _life;
    private long _changes;
    private bool _isSuspect;

    public void Count(CatalogVersion announced)
    {
        lock (_lock)
        {
            if (announced.Life == _life)
            {
                _changes++;
            }
        }
    }

    /// <summary>True when changes were missed and the index must be rebuilt; the position is then the given one.</summary>
    public bool IsBehind(CatalogVersion reported)
    {
        lock (_lock)
        {
            bool isFirst = _life == Guid.Empty;
            bool isBehind = reported.Life != _life || reported.Changes > _changes;
            bool isSure = isBehind && (_isSuspect || reported.Life != _life);
            _isSuspect = isBehind && !isSure;
            if (isSure)
            {
                _life = reported.Life;
                _changes = reported.Changes;
            }

            // The index was filled just before a node's first report: it is behind only when others have changed things.
            return isSure && (!isFirst || reported.Changes > 0);
        }
    }
}
