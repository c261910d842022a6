using Comms.Media.Node;
using Microsoft.Extensions.Logging;

namespace Comms.Media.Relay;

/// <summary>What relays log: each change of a feed's state, once, without address or credentials.</summary>
internal static partial class FeedLog
{
    [LoggerMessage(3201, LogLevel.Information, "Camera {Camera} is {State} {Reason}")]
    public static partial void StateChanged(ILogger logger, string camera, FeedState state, string reason);
}
