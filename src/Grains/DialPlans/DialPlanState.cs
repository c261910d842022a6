using Comms.Grains.Contracts;

namespace Comms.Grains.DialPlans;

/// <summary>The stored plan with its sealed passwords.</summary>
[GenerateSerializer, Alias("comms.DialPlanState")]
public sealed class DialPlanState
{
    [Id(0)]
    public List<DialNumber> Numbers { get; set; } = [];

    [Id(1)]
    public List<TrunkDefinition> Trunks { get; set; } = [];

    /// <summary>Sealed passwords by trunk id.</summary>
    [Id(2)]
    public Dictionary<string, byte[]> Passwords { get; set; } = [];
}
