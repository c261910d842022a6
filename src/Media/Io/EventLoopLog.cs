using Microsoft.Extensions.Logging;

namespace Comms.Media.Io;

/// <summary>Log lines of the loops. Event ids 1000–1019.</summary>
internal static partial class EventLoopLog
{
    [LoggerMessage(1000, LogLevel.Error, "Media loop {Loop}: {Faults} handler faults so far; the latest input was dropped")]
    public static partial void HandlerFault(ILogger logger, int loop, long faults, Exception fault);
}
