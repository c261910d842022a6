using System.Globalization;
using Comms.Grains.Contracts;

namespace Comms.Grains.Rehearsals;

/// <summary>Bounds of a rehearsal. Pure.</summary>
public static class RehearsalRules
{
    /// <summary>Phones of all rehearsals that run at once.</summary>
    public const int MaxPhones = 30_000;

    public const int MaxChannels = 64;

    public static readonly TimeSpan MaxDuration = TimeSpan.FromHours(4);

    /// <summary>The first fault, or null.</summary>
    public static Outcome? Check(string key, RehearsalDefinition rehearsal)
    {
        if (DefinitionRules.Check(key, rehearsal.Id, rehearsal.Name, rehearsal.Name) is { } fault)
        {
            return fault;
        }

        if (rehearsal.Phones is < 1 or > MaxPhones)
        {
            return DefinitionRules.Invalid(string.Create(CultureInfo.InvariantCulture, $"A rehearsal has 1 to {MaxPhones} phones."));
        }

        if (rehearsal.Channels is < 1 or > MaxChannels || rehearsal.Channels > rehearsal.Phones)
        {
            return DefinitionRules.Invalid(string.Create(
                CultureInfo.InvariantCulture, $"A rehearsal has 1 to {MaxChannels} channels, and a phone for each."));
        }

        return rehearsal.EndsAt - rehearsal.StartedAt > MaxDuration
            ? DefinitionRules.Invalid(string.Create(CultureInfo.InvariantCulture, $"A rehearsal lasts at most {MaxDuration.TotalHours} hours."))
            : null;
    }
}
