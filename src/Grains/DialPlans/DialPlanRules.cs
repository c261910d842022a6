using System.Buffers;
using Comms.Grains.Contracts;

namespace Comms.Grains.DialPlans;

/// <summary>Decisions about the dial plan. Pure.</summary>
public static class DialPlanRules
{
    private const int MaxNumberLength = 32;
    private const int MaxNumbers = 10_000;
    private const int MaxTrunks = 100;
    private static readonly SearchValues<char> NotInTrunkUri = SearchValues.Create("@ <>\"?\r\n");

    /// <summary>Null: the entry may stand in the plan.</summary>
    public static Outcome? Check(DialPlan plan, DialNumber entry)
    {
        if (!DefinitionRules.IsId(entry.Number) || entry.Number.Length > MaxNumberLength)
        {
            return DefinitionRules.Invalid("A number has 1 to 32 digits, letters, '.', '_' or '-'.");
        }

        if (!DefinitionRules.IsId(entry.TargetId) || !Enum.IsDefined(entry.Kind))
        {
            return DefinitionRules.Invalid("A number leads to a channel, a unit or a trunk by its id.");
        }

        if (entry.Kind == DialKind.Trunk && plan.FindTrunk(entry.TargetId) is null)
        {
            return DefinitionRules.NotFound("trunk");
        }

        return plan.Numbers.Count >= MaxNumbers && plan.Numbers.All(known => !IsSame(known.Number, entry.Number))
            ? new Outcome(OutcomeCode.Conflict, "The plan is full.") : null;
    }

    /// <summary>Null: the trunk may stand in the plan.</summary>
    public static Outcome? Check(DialPlan plan, TrunkDefinition trunk)
    {
        if (DefinitionRules.Check(trunk.Id, trunk.Id, trunk.Name, trunk.Name) is { } fault)
        {
            return fault;
        }

        if (!IsTrunkUri(trunk.Uri))
        {
            return DefinitionRules.Invalid("A trunk's URI is sip: or sips: with a host, perhaps a port and a transport, and no user.");
        }

        if (!DefinitionRules.IsId(trunk.UnitId))
        {
            return DefinitionRules.Invalid("A trunk speaks for a unit.");
        }

        if (trunk.Registers && trunk.UserName.Length == 0)
        {
            return DefinitionRules.Invalid("Registering needs a user name.");
        }

        return plan.Trunks.Count >= MaxTrunks && plan.FindTrunk(trunk.Id) is null
            ? new Outcome(OutcomeCode.Conflict, "There are too many trunks.") : null;
    }

    public static bool IsSame(string number, string other) => number.Equals(other, StringComparison.OrdinalIgnoreCase);

    private static bool IsTrunkUri(string uri) => uri.Length <= 256
        && (uri.StartsWith("sip:", StringComparison.Ordinal) || uri.StartsWith("sips:", StringComparison.Ordinal))
        && uri.Length > uri.IndexOf(':') + 1 && !uri.AsSpan().ContainsAny(NotInTrunkUri);
}
