using System.ComponentModel.DataAnnotations;

namespace Comms.Signaling.Hosting;

/// <summary>Section "Log": what is written to the console and to DATA/logs.</summary>
public sealed record LogOptions
{
    /// <summary>Least level on the console: Verbose, Debug, Information, Warning or Error.</summary>
    public LogLevelName Console { get; init; } = LogLevelName.Warning;

    /// <summary>Least level in the log file.</summary>
    public LogLevelName File { get; init; } = LogLevelName.Information;

    /// <summary>Days that log files are kept.</summary>
    [Range(1, 3650)]
    public int KeepDays { get; init; } = 14;

    /// <summary>Size in megabytes after which a new file of the same day begins.</summary>
    [Range(1, 1024)]
    public int FileMegabytes { get; init; } = 64;
}

/// <summary>Log levels by the names that the log file uses.</summary>
public enum LogLevelName
{
    Verbose,
    Debug,
    Information,
    Warning,
    Error,
}
