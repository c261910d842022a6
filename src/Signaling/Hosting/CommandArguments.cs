namespace Comms.Signaling.Hosting;

/// <summary>What the command line asks for. Settings are "--Section:Key value" or "--Section:Key=value".</summary>
public sealed record CommandArguments
{
    public const string Usage = """
        comms [options] [--Section:Key value ...]

          --config FILE    read settings from FILE instead of ./comms.json
          --empty          first start without the demo town; prints a one-time administrator password
          --backup FILE    write the data folder to FILE (tar.gz) and exit
          --restore FILE   fill the data folder from FILE and exit; --force replaces what is there
          --version        print the version and exit
          --help           print this and exit

        Every key of comms.json is also an environment variable: COMMS_Section__Key.
        """;

    public string? ConfigFile { get; private init; }

    public string? BackupFile { get; private init; }

    public string? RestoreFile { get; private init; }

    public bool Empty { get; private init; }

    public bool Force { get; private init; }

    public bool Help { get; private init; }

    public bool Version { get; private init; }

    /// <summary>Settings by full key, "Http:Port" → "0".</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; private init; } = new Dictionary<string, string?>();

    public static CommandArguments Parse(IReadOnlyList<string> args, ICollection<string> errors)
    {
        var line = new CommandArguments();
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        for (int i = 0; i < args.Count; i++)
        {
            string arg = args[i];
            string? inline = null;
            int equals = arg.IndexOf('=');
            if (arg.StartsWith("--", StringComparison.Ordinal) && equals > 0) (arg, inline) = (arg[..equals], arg[(equals + 1)..]);
            if (TakeFlag(ref line, arg)) continue;
            if (!arg.StartsWith("--", StringComparison.Ordinal) || (!IsFileOption(arg) && !arg.Contains(':')))
            {
                errors.Add($"{arg}: unknown option");
                continue;
            }

            string? value = inline ?? (i + 1 < args.Count ? args[++i] : null);
            if (value is null) errors.Add($"{arg}: a value must follow");
            else if (IsFileOption(arg)) line = TakeFile(line, arg, value);
            else settings[arg[2..]] = value;
        }

        if (line.Empty) settings["Demo:Enabled"] = "false";
        return line with { Settings = settings };
    }

    private static bool TakeFlag(ref CommandArguments line, string arg)
    {
        CommandArguments? taken = arg switch
        {
            "--empty" => line with { Empty = true },
            "--force" => line with { Force = true },
            "--help" or "-h" => line with { Help = true },
            "--version" => line with { Version = true },
            _ => null,
        };
        line = taken ?? line;
        return taken is not null;
    }

    private static bool IsFileOption(string arg) => arg is "--config" or "--backup" or "--restore";

    private static CommandArguments TakeFile(CommandArguments line, string arg, string value) => arg switch
    {
        "--config" => line with { ConfigFile = value },
        "--backup" => line with { BackupFile = value },
        _ => line with { RestoreFile = value },
    };
}
