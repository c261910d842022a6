using Comms.Grains.Contracts;

namespace Comms.Grains.Channels;

/// <summary>Stored part of a channel: definition and membership, never who listens now.</summary>
[GenerateSerializer, Alias("comms.ChannelState")]
public sealed class ChannelState
{
    [Id(0)]
    public ChannelDefinition? Definition { get; set; }

    [Id(1)]
    public List<ChannelRule> Rules { get; set; } = [];
}
