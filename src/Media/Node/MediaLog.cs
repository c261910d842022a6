using Comms.Media.Numbers;
using Microsoft.Extensions.Logging;

namespace Comms.Media.Node;

/// <summary>Log lines of the node: lifecycle edges only. Event ids 1020–1049.</summary>
internal static partial class MediaLog
{
    [LoggerMessage(1020, LogLevel.Information, "Media: {Loops} loops, candidates {Candidates}, RTP ports {PortMin} to {PortMax}")]
    public static partial void Started(ILogger logger, int loops, string candidates, int portMin, int portMax);

    [LoggerMessage(1021, LogLevel.Information, "Media stopped")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(1022, LogLevel.Information, "Session {Session} of {Owner} opened")]
    public static partial void SessionOpened(ILogger logger, SessionId session, string owner);

    [LoggerMessage(1023, LogLevel.Information, "Session {Session} connected")]
    public static partial void SessionConnected(ILogger logger, SessionId session);

    [LoggerMessage(1024, LogLevel.Information, "Session {Session} ended: {Reason}")]
    public static partial void SessionEnded(ILogger logger, SessionId session, SessionEndReason reason);

    [LoggerMessage(1025, LogLevel.Information, "Gate of {Session} in {Channel} shut by itself: {Reason}")]
    public static partial void GateShut(ILogger logger, SessionId session, string channel, GateCloseReason reason);

    [LoggerMessage(1026, LogLevel.Warning, "Media address {Address} cannot be used: {Fault}")]
    public static partial void AddressRefused(ILogger logger, string address, string fault);
}
