using Comms.Grains.Contracts;

namespace Comms.Signaling.Bridges;

/// <summary>
/// Tells which units can be reached through this node, by its hub or over SIP: what changed once a second, and everything
/// now and then, so that a lost report heals. Twenty thousand joins are a few dozen calls a second. The changes go into the
/// journal too.
/// </summary>
public sealed partial class NodePresence(
    IGrainFactory grains, IDirectoryIndex index, IJournal journal, LocalNode node, TimeProvider time, ILogger<NodePresence> log) : BackgroundService
{
    private const int TicksPerFullReport = 60;

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _connections = [];
    private readonly HashSet<string> _told = [];
    private HashSet<string> _changed = [];

    /// <summary>One more way to the unit: a page, a registered device or a call.</summary>
    public void Connected(string unitId) => Count(unitId, 1);

    /// <summary>One way less; a unit with another one stays online.</summary>
    public void Disconnected(string unitId) => Count(unitId, -1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            using var timer = new PeriodicTimer(Tick, time);
            for (int tick = 1; await timer.WaitForNextTickAsync(stoppingToken); tick++) await ReportAsync(tick % TicksPerFullReport == 0);
        }
        catch (OperationCanceledException)
        {
            // The server stops; its node id goes with it, and its units count as offline.
        }
    }

    private void Count(string unitId, int difference)
    {
        if (unitId.Length == 0) return;
        lock (_lock)
        {
            int count = _connections.GetValueOrDefault(unitId) + difference;
            if (count > 0) _connections[unitId] = count;
            else _connections.Remove(unitId);
            if (count == 0 || (count == 1 && difference > 0)) _changed.Add(unitId);
        }
    }

    private async Task ReportAsync(bool everything)
    {
        ILookup<int, (string Unit, bool IsOnline)> parts;
        lock (_lock)
        {
            if (_changed.Count == 0 && !everything) return;
            HashSet<string> changed = _changed;
            _changed = [];
            if (everything) changed.UnionWith(_connections.Keys);
            parts = changed.Select(unit => (Unit: unit, IsOnline: _connections.ContainsKey(unit))).ToLookup(entry => PresencePart.Of(entry.Unit));
        }

        foreach (var (unit, isOnline) in parts.SelectMany(part => part)) Note(unit, isOnline);
        try
        {
            await Task.WhenAll(parts.Select(part => grains.GetGrain<IPresenceGrain>(part.Key).Report(
                node.Id,
                [.. part.Where(entry => entry.IsOnline).Select(entry => entry.Unit)],
                [.. part.Where(entry => !entry.IsOnline).Select(entry => entry.Unit)])));
        }
        catch (Exception fault) when (GrainFault.IsTransient(fault))
        {
            NotReported(fault.Message);
        }
    }

    // A rehearsal's units are not listed: 20,000 of them would push everything else out of the journal.
    private void Note(string unitId, bool isOnline)
    {
        bool isNews = isOnline ? _told.Add(unitId) : _told.Remove(unitId);
        if (!isNews || index.FindUnit(unitId) is not { RehearsalChannelId: "" }) return;
        string kind = isOnline ? "unit.online" : "unit.offline";
        journal.Append(new JournalEvent(0, time.GetUtcNow(), kind, unitId, new Actor("", unitId, "presence"), ""));
    }

    [LoggerMessage(2131, LogLevel.Warning, "Presence could not be reported: {Reason}")]
    private partial void NotReported(string reason);
}
