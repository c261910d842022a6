using Comms.Grains.Contracts;

namespace Comms.Grains.Directory;

/// <summary>A channel and its rules, as indexed; equal when both are.</summary>
internal sealed record ChannelEntry(ChannelDefinition Definition, IReadOnlyList<ChannelRule> Rules)
{
    public bool Equals(ChannelEntry? other) =>
        other is not null && Definition == other.Definition && Rules.SequenceEqual(other.Rules);

    public override int GetHashCode() => Definition.GetHashCode();
}
