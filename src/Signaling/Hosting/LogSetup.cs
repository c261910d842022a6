using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Compact;
using Serilog.Formatting.Display;

namespace Comms.Signaling.Hosting;

/// <summary>Structured logs: short lines on the console, JSON lines in DATA/logs, both redacted.</summary>
public static class LogSetup
{
    private const string ConsoleTemplate = "{Timestamp:HH:mm:ss} {Level:u3} {Message:lj}{NewLine}{Exception}";

    public static Logger Create(LogOptions options, DataFolder folder)
    {
        var file = new RedactedFormatter(new CompactJsonFormatter());
        var console = new RedactedFormatter(new MessageTemplateTextFormatter(ConsoleTemplate));
        return new LoggerConfiguration()
            .MinimumLevel.Is(Level(options.Console < options.File ? options.Console : options.File))
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("Orleans", LogEventLevel.Warning)
            .MinimumLevel.Override("System", LogEventLevel.Warning)
            .MinimumLevel.Override("Garnet", LogEventLevel.Warning)
            .MinimumLevel.Override("Polly", LogEventLevel.Error)
            .Enrich.FromLogContext()
            .WriteTo.Logger(people => people.Filter.ByIncludingOnly(IsForPeople).WriteTo.Console(console, Level(options.Console)))
            .WriteTo.File(
                file,
                Path.Combine(folder.Logs, "comms-.json"),
                Level(options.File),
                fileSizeLimitBytes: (long)options.FileMegabytes << 20,
                rollOnFileSizeLimit: true,
                rollingInterval: RollingInterval.Day,
                retainedFileCountLimit: null,
                retainedFileTimeLimit: TimeSpan.FromDays(options.KeepDays))
            .CreateLogger();
    }

    /// <summary>Warnings of frameworks are for the log file; the console shows ours, and anyone's errors.</summary>
    private static bool IsForPeople(LogEvent entry) =>
        entry.Level >= LogEventLevel.Error
        || (entry.Properties.TryGetValue("SourceContext", out LogEventPropertyValue? source)
            && source is ScalarValue { Value: string name }
            && name.StartsWith("comms", StringComparison.OrdinalIgnoreCase));

    private static LogEventLevel Level(LogLevelName name) => name switch
    {
        LogLevelName.Verbose => LogEventLevel.Verbose,
        LogLevelName.Debug => LogEventLevel.Debug,
        LogLevelName.Information => LogEventLevel.Information,
        LogLevelName.Warning => LogEventLevel.Warning,
        _ => LogEventLevel.Error,
    };
}

/// <summary>Writes an event as another formatter does and redacts the whole line, exception included.</summary>
public sealed class RedactedFormatter(ITextFormatter inner) : ITextFormatter
{
    public void Format(LogEvent logEvent, TextWriter output)
    {
        using var line = new StringWriter();
        inner.Format(logEvent, line);
        output.Write(Redaction.Apply(line.ToString()));
    }
}
