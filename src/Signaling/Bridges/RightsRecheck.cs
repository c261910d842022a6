using System.Threading.Channels;
using Comms.Grains.Contracts;

namespace Comms.Signaling.Bridges;

/// <summary>
/// Checks local members' rights again after a change of rules, units or the tree. Changes that come while a check runs are
/// joined into the next one, so that a thousand changes cost two checks.
/// </summary>
internal sealed class RightsRecheck(
    FloorBridge floors, IGrainFactory grains, ChannelInterests interests, IDirectoryIndex index, ILogger<RightsRecheck> log) : BackgroundService
{
    private readonly Lock _lock = new();
    private readonly Channel<bool> _bell = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private HashSet<string> _channels = [];
    private HashSet<string> _units = [];
    private bool _isEverything;

    /// <summary>Tries again what a busy grain left unchecked; called every now and then.</summary>
    public void Retry()
    {
        lock (_lock)
        {
            if (!_isEverything)
            {
                return;
            }
        }

        _bell.Writer.TryWrite(true);
    }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        index.Changed += OnIndexChanged;
        interests.RulesChanged += OnRulesChanged;
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        index.Changed -= OnIndexChanged;
        interests.RulesChanged -= OnRulesChanged;
        await base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (bool _ in _bell.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                await CheckAsync();
            }
            catch (Exception fault) when (GrainFault.IsTransient(fault))
            {
                log.GrainFailed("rights", fault.Message);
                lock (_lock)
                {
                    _isEverything = true;
                }
            }
        }
    }

    private void OnRulesChanged(string channelId)
    {
        lock (_lock)
        {
            _channels.Add(channelId);
        }

        _bell.Writer.TryWrite(true);
    }

    // A channel's own rules are told by its grain; here come the other two things a right is made of.
    private void OnIndexChanged(CatalogChange change)
    {
        lock (_lock)
        {
            if (change.Kind == CatalogKind.Unit)
            {
                _units.Add(change.Id);
            }
            else if (change.Kind == CatalogKind.Town)
            {
                _isEverything = true;
            }
            else
            {
                return;
            }
        }

        _bell.Writer.TryWrite(true);
    }

    private async Task CheckAsync()
    {
        HashSet<string> channels;
        HashSet<string> units;
        lock (_lock)
        {
            channels = _isEverything ? [.. interests.All.Select(channel => channel.ChannelId)] : _channels;
            units = _isEverything ? [] : _units;
            _channels = [];
            _units = [];
            _isEverything = false;
        }

        foreach (string channelId in channels)
        {
            await CheckRightsAsync(channelId, unitIds: null);
        }

        foreach (ChannelInterest channel in interests.All.Where(channel => units.Count > 0 && !channels.Contains(channel.ChannelId)))
        {
            await CheckRightsAsync(channel.ChannelId, units);
        }
    }

    /// <summary>Reads the rights of a channel's local members again, of all or of some units.</summary>
    private async Task CheckRightsAsync(string channelId, HashSet<string>? unitIds)
    {
        IReadOnlyList<ChannelMember> members =
            interests.Find(channelId)?.Members(member => unitIds is null || unitIds.Contains(member.Party.UnitId)) ?? [];
        foreach (ChannelMember[] part in members.Chunk(512))
        {
            IReadOnlyList<ChannelRight> rights =
                await grains.GetGrain<IChannelGrain>(channelId).GetRights([.. part.Select(member => member.Party.UnitId)]);
            for (int i = 0; i < part.Length; i++)
            {
                await floors.ApplyRightAsync(channelId, part[i], rights[i]);
            }
        }
    }
}
