using Comms.Grains.Contracts;

namespace Comms.Grains.Units;

/// <summary>Stored part of a unit.</summary>
[GenerateSerializer, Alias("comms.UnitState")]
public sealed class UnitState
{
    [Id(0)]
    public UnitDefinition? Definition { get; set; }
}
