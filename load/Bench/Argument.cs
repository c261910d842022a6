using System.Globalization;

namespace Comms.Bench;

/// <summary>Reads "--name value" pairs.</summary>
internal static class Argument
{
    public static int Number(string[] arguments, string name, int missing)
    {
        int at = Array.IndexOf(arguments, name);
        if (at < 0) return missing;
        if (at + 1 < arguments.Length && int.TryParse(arguments[at + 1], CultureInfo.InvariantCulture, out int value) && value > 0)
            return value;
        throw new ArgumentException($"{name} needs a number greater than 0.");
    }

    public static string Text(string[] arguments, string name, string missing)
    {
        int at = Array.IndexOf(arguments, name);
        if (at < 0) return missing;
        return at + 1 < arguments.Length ? arguments[at + 1] : throw new ArgumentException($"{name} needs a value.");
    }

    public static bool Has(string[] arguments, string name) => Array.IndexOf(arguments, name) >= 0;
}
