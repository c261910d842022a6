using Comms.Media.Node;

namespace Comms.Signaling.Bridges;

/// <summary>
/// The media node's events for everyone on this node; the media node bridge is the one reader of the channel behind it.
/// Raised in order, on the reader's thread: handlers only enqueue.
/// </summary>
public interface IMediaEvents
{
    event Action<SessionConnected>? SessionConnected;

    event Action<SessionEnded>? SessionEnded;

    event Action<DigitPressed>? DigitPressed;

    event Action<GateClosed>? GateClosed;

    event Action<FeedChanged>? FeedChanged;

    event Action<ViewerDetached>? ViewerDetached;
}
