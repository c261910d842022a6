using System.Collections.Concurrent;
using Comms.Grains.Contracts;

namespace Comms.Signaling.Bridges;

/// <summary>
/// The channels this node has listeners or watchers in. Tells their grains, at once for the first, batched for the rest
/// and again every few seconds; every answer carries the floor, so a lost hint is healed by the next report.
/// </summary>
internal sealed class ChannelInterests(IGrainFactory grains, LocalNode node, ILogger<ChannelInterests> log)
{
    private readonly ConcurrentDictionary<string, ChannelInterest> _channels = new(StringComparer.Ordinal);

    public event Action<FloorState>? FloorChanged;

    /// <summary>A channel's rules changed: members' rights are to be read again. Handlers only enqueue.</summary>
    public event Action<string>? RulesChanged;

    public ChannelInterest? Find(string channelId) => _channels.GetValueOrDefault(channelId);

    public IReadOnlyCollection<ChannelInterest> All => [.. _channels.Values];

    /// <summary>Applies a change and returns the floor; the first interest asks the grain, others know it already.</summary>
    public async Task<FloorState?> AddAsync(string channelId, Action<ChannelInterest> change)
    {
        ChannelInterest channel = _channels.GetOrAdd(channelId, id => new ChannelInterest(id));
        change(channel);
        if (channel.Floor is null)
        {
            await ReportAsync(channel);
        }

        return channel.Floor;
    }

    /// <summary>Takes in a floor from the grain's observer call, a report's answer or a decision.</summary>
    public void Observe(FloorState floor)
    {
        if (Find(floor.ChannelId)?.Observe(floor, FloorChanged) == true)
        {
            RulesChanged?.Invoke(floor.ChannelId);
        }
    }

    /// <summary>Reports the channels that changed, or all of them.</summary>
    public Task FlushAsync(bool everything) =>
        Task.WhenAll(_channels.Values.Where(channel => everything || channel.IsDirty).Select(ReportAsync));

    private async Task ReportAsync(ChannelInterest channel)
    {
        await channel.ReportTurn.WaitAsync();
        try
        {
            channel.IsDirty = false;
            IChannelGrain grain = grains.GetGrain<IChannelGrain>(channel.ChannelId);
            if (channel.IsEmpty)
            {
                await grain.Leave(node.Id);
                Forget(channel);
                return;
            }

            var report = new ChannelReport(node.Id, channel.Listeners, channel.Floor?.Epoch ?? 0);
            Observe(await grain.Report(report, await node.Observer));
        }
        catch (Exception fault) when (GrainFault.IsTransient(fault))
        {
            channel.IsDirty = true;
            log.GrainFailed($"channel {channel.ChannelId}", fault.Message);
        }
        finally
        {
            channel.ReportTurn.Release();
        }
    }

    // Someone may have come in while the grain was told of the last one's leaving: then the entry stays and is reported.
    private void Forget(ChannelInterest channel)
    {
        if (_channels.TryRemove(new KeyValuePair<string, ChannelInterest>(channel.ChannelId, channel)) && !channel.IsEmpty)
        {
            _channels.TryAdd(channel.ChannelId, channel);
            channel.IsDirty = true;
        }
    }
}
