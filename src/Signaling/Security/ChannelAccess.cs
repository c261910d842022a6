using Comms.Grains.Contracts;

namespace Comms.Signaling.Security;

/// <summary>Which channels an account may hear, by its unit's rights. Without a unit there are none.</summary>
public sealed class ChannelAccess(IGrainFactory grains, IDirectoryIndex directory)
{
    private const int PageSize = 1000;

    public async Task<ChannelRight> RightAsync(string channelId, string unitId) =>
        unitId.Length == 0 ? ChannelRight.None : await grains.GetGrain<IChannelGrain>(channelId).GetRight(unitId);

    /// <summary>Every channel with at least the right to listen, in id order.</summary>
    public async Task<IReadOnlyList<ChannelWithRight>> ListAsync(AccountDefinition account, string text = "")
    {
        if (account.UnitId.Length == 0) return [];
        var channels = new List<ChannelDefinition>();
        string? after = "";
        while (after is not null)
        {
            Page<ChannelDefinition> page = directory.Channels(new DirectoryQuery(text, "", after, PageSize));
            channels.AddRange(page.Items);
            after = page.Next;
        }

        ChannelRight[] rights = await Task.WhenAll(channels.Select(channel => RightAsync(channel.Id, account.UnitId)));
        return
        [
            .. channels.Zip(rights, (channel, right) => new ChannelWithRight(channel, right))
                .Where(item => item.Right >= ChannelRight.Listen)
                .OrderBy(item => item.Channel.Id, StringComparer.Ordinal),
        ];
    }
}

/// <summary>A channel and what one unit may do there.</summary>
public sealed record ChannelWithRight(ChannelDefinition Channel, ChannelRight Right);
