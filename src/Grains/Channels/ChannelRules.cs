using System.Globalization;
using Comms.Grains.Contracts;

namespace Comms.Grains.Channels;

/// <summary>Decisions about a channel's definition and membership. Pure.</summary>
public static class ChannelRules
{
    private const int MaxTalkLimitSeconds = 3600;
    private const int MaxNumberLength = 20;

    /// <summary>
    /// What a unit may do: its own rule, else its service's, else that of the nearest town above it (its own town first),
    /// else the channel's default. A rehearsal's phone may talk in its own channel and enters others only by its own rule.
    /// </summary>
    /// <param name="townPath">The path of the unit's town in ids, "city/east/lotus".</param>
    public static ChannelRight Evaluate(
        ChannelDefinition channel, IReadOnlyList<ChannelRule> rules, UnitDefinition unit, string townPath)
    {
        ChannelRight? right = Find(rules, ChannelRuleKind.Unit, unit.Id);
        if (unit.RehearsalChannelId.Length > 0)
        {
            return right ?? (unit.RehearsalChannelId == channel.Id ? ChannelRight.Talk : ChannelRight.None);
        }

        right ??= Find(rules, ChannelRuleKind.Service, unit.Service.ToString());
        string path = townPath;
        while (right is null && path.Length > 0)
        {
            int slash = path.LastIndexOf('/');
            right = Find(rules, ChannelRuleKind.Town, path[(slash + 1)..]);
            path = slash < 0 ? "" : path[..slash];
        }

        return right ?? channel.DefaultRight;
    }

    /// <summary>The first fault of a definition, or null.</summary>
    public static Outcome? Check(string key, ChannelDefinition channel)
    {
        if (DefinitionRules.Check(key, channel.Id, channel.NameZh, channel.NameEn) is { } fault)
        {
            return fault;
        }

        if (channel.Number.Length > MaxNumberLength || !channel.Number.All(char.IsAsciiDigit))
        {
            return DefinitionRules.Invalid("A channel's number has up to 20 digits, or none.");
        }

        return channel.TalkLimitSeconds is >= 0 and <= MaxTalkLimitSeconds
            ? Check(channel.FloorPolicy)
            : DefinitionRules.Invalid(string.Create(
                CultureInfo.InvariantCulture, $"The talk limit is 0 (none) to {MaxTalkLimitSeconds} seconds."));
    }

    private static Outcome? Check(FloorPolicy policy)
    {
        string? range =
            policy.QueueLimit is < 0 or > FloorPolicy.QueueLimitMax ? $"The queue limit is 0 (no queue) to {FloorPolicy.QueueLimitMax} requests."
            : policy.RevokeGraceMs is < 0 or > FloorPolicy.RevokeGraceMsMax ? $"The revoke grace is 0 (none) to {FloorPolicy.RevokeGraceMsMax} ms."
            : policy.IdleLimitSeconds is < 0 or > FloorPolicy.IdleLimitSecondsMax ? $"The idle limit is 0 (none) to {FloorPolicy.IdleLimitSecondsMax} seconds."
            : policy.DispatcherPriority is < 0 or > FloorPolicy.PriorityMax ? $"A floor priority is 0 to {FloorPolicy.PriorityMax}."
            : !Enum.IsDefined(policy.Preemption) ? "Preemption is Never, Emergency or Priority."
            : null;
        return range is null ? null : DefinitionRules.Invalid(range);
    }

    /// <summary>The first fault of a rule, or null.</summary>
    public static Outcome? Check(ChannelRule rule) =>
        rule.Kind == ChannelRuleKind.Service && !Enum.TryParse<UnitService>(rule.SubjectId, ignoreCase: true, out _)
            ? DefinitionRules.Invalid("A service rule names one of the services.")
            : DefinitionRules.IsId(rule.SubjectId) ? null : DefinitionRules.Invalid("A rule names its subject by id.");

    /// <summary>The rules with this one in place of any other for its subject.</summary>
    public static List<ChannelRule> With(IReadOnlyList<ChannelRule> rules, ChannelRule rule) =>
        [.. Without(rules, rule.Kind, rule.SubjectId), rule];

    public static List<ChannelRule> Without(IReadOnlyList<ChannelRule> rules, ChannelRuleKind kind, string subjectId) =>
        [.. rules.Where(rule => !IsAbout(rule, kind, subjectId))];

    private static ChannelRight? Find(IReadOnlyList<ChannelRule> rules, ChannelRuleKind kind, string subjectId)
    {
        foreach (ChannelRule rule in rules)
        {
            if (IsAbout(rule, kind, subjectId))
            {
                return rule.Right;
            }
        }

        return null;
    }

    private static bool IsAbout(ChannelRule rule, ChannelRuleKind kind, string subjectId) =>
        rule.Kind == kind
        && string.Equals(
            rule.SubjectId, subjectId,
            kind == ChannelRuleKind.Service ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);
}
