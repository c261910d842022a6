using Comms.Grains.Contracts;

namespace Comms.Grains.Channels;

/// <summary>Stored part of a channel: definition, membership and emergency alerts, never who listens now.</summary>
[GenerateSerializer, Alias("comms.ChannelState")]
public sealed class ChannelState
{
    [Id(0)]
    public ChannelDefinition? Definition { get; set; }

    [Id(1)]
    public List<ChannelRule> Rules { get; set; } = [];

    /// <summary>Emergency alerts in force; they outlive a restart. Absent in records of older servers.</summary>
    [Id(2)]
    public List<EmergencyAlert> Alerts { get; set; } = [];
}
