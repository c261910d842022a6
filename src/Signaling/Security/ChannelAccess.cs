using Comms.Grains.Contracts;

namespace Comms.Signaling.Security;

/// <summary>Which channels an account may hear, by its unit's rights as this node knows them. Without a unit there are none.</summary>
public sealed class ChannelAccess(IDirectoryIndex directory)
{
    private const int PageSize = 1000;

    public ChannelRight Right(string channelId, string unitId) =>
        unitId.Length == 0 ? ChannelRight.None : directory.GetRight(channelId, unitId);

    /// <summary>Every channel with at least the right to listen, in id order.</summary>
    public IReadOnlyList<ChannelWithRight> List(AccountDefinition account, string text = "")
    {
        var channels = new List<ChannelWithRight>();
        string? after = account.UnitId.Length == 0 ? null : "";
        while (after is not null)
        {
            Page<ChannelDefinition> page = directory.Channels(new DirectoryQuery(text, "", after, PageSize));
            channels.AddRange(page.Items.Select(channel => new ChannelWithRight(channel, Right(channel.Id, account.UnitId))));
            after = page.Next;
        }

        channels.RemoveAll(item => item.Right < ChannelRight.Listen);
        return channels;
    }
}

/// <summary>A channel and what one unit may do there.</summary>
public sealed record ChannelWithRight(ChannelDefinition Channel, ChannelRight Right);
