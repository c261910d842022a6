using Comms.Grains.Contracts;

namespace Comms.Grains;

/// <summary>What every definition must keep: ids and names. Pure.</summary>
internal static class DefinitionRules
{
    private const int MaxIdLength = 64;
    private const int MaxNameLength = 100;

    /// <summary>1–64 letters, digits, '.', '_' or '-': safe in paths, keys and SIP user parts.</summary>
    public static bool IsId(string id) =>
        id.Length is > 0 and <= MaxIdLength && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    /// <summary>The first fault as a refusal, or null: the id must be the grain's own key.</summary>
    public static Outcome? Check(string key, string id, string nameZh, string nameEn)
    {
        if (id != key)
        {
            return Invalid("The id in the definition is not the id that was addressed.");
        }

        if (!IsId(id))
        {
            return Invalid("An id has 1 to 64 letters, digits, '.', '_' or '-'.");
        }

        return IsName(nameZh) && IsName(nameEn) ? null : Invalid("Both names are needed, up to 100 characters each.");
    }

    public static bool IsName(string name) => !string.IsNullOrWhiteSpace(name) && name.Length <= MaxNameLength;

    public static Outcome Invalid(string detail) => new(OutcomeCode.Invalid, detail);

    public static Outcome NotFound(string what) => new(OutcomeCode.NotFound, $"There is no such {what}.");
}
