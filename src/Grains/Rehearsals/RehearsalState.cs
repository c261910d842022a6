using Comms.Grains.Contracts;

namespace Comms.Grains.Rehearsals;

/// <summary>Stored part of a rehearsal.</summary>
[GenerateSerializer, Alias("comms.RehearsalState")]
public sealed class RehearsalState
{
    [Id(0)]
    public RehearsalDefinition? Definition { get; set; }
}
