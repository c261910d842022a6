using Comms.Grains.Contracts;

namespace Comms.Grains.Units;

/// <summary>Decisions about a unit's definition. Pure.</summary>
internal static class UnitRules
{
    private const int MaxPriority = 15;

    /// <summary>The first fault of a definition, or null.</summary>
    public static Outcome? Check(string key, UnitDefinition unit)
    {
        if (DefinitionRules.Check(key, unit.Id, unit.NameZh, unit.NameEn) is { } fault)
        {
            return fault;
        }

        if (!DefinitionRules.IsName(unit.CallSign))
        {
            return DefinitionRules.Invalid("A unit has a call sign of up to 100 characters.");
        }

        return unit.Priority is >= 0 and <= MaxPriority
            ? null
            : DefinitionRules.Invalid("A floor priority is 0 to 15.");
    }
}
