using System.Globalization;
using Comms.Media.Io;
using Comms.Media.Wire.Rtsp;

namespace Comms.Media.Relay;

/// <summary>Why a relay has no picture, in words. The texts are stable, so that a client can translate them.</summary>
public static class RelayReason
{
    public const string Connecting = "connecting";
    public const string Stopped = "stopped";
    public const string ConnectionRefused = "connection refused";
    public const string TimedOut = "connection timed out";
    public const string Unauthorized = "401 unauthorized: wrong user name or password";
    public const string Forbidden = "403 forbidden";
    public const string NotFound = "404 not found: no such stream";
    public const string NoSessionLeft = "453 the camera allows no further session";
    public const string NoRoute = "no route to host";
    public const string UnknownHost = "host name unknown";
    public const string NoVideo = "the source has no video";
    public const string NotUnderstood = "the source's data cannot be understood";
    public const string Silent = "no packets for 10 s";
    public const string NoFirstPacket = "no packets after 20 s";
    public const string Killed = "ffmpeg was killed";
    public const string CannotStart = "ffmpeg cannot be started";
    public const string Converting = "converting to H.264 for browsers";
    public const string SourceEnded = "the source ended";

    public const string NoKeyFrame = "no key frame for 20 s";
    public const string NoParameterSets = "the camera sends no parameter sets";

    public const string ClosedByCamera = "the camera closed the connection";
    public const string NoAnswer = "the camera does not answer";
    public const string Redirected = "the camera redirects in a circle, or to an address that is not allowed";
    public const string NoResources = "the server has no connection left";
    public const string NoPublisher = "nobody publishes to this camera";
    public const string PublisherGone = "the publisher is gone";
    public const string NotPublishable = "the published stream has no H.264 or H.265 video";
    public const string OutOfMemory = "the relay needs more memory than it may take";

    private static readonly (string Mark, string Reason)[] Marks =
    [
        ("Cannot allocate memory", OutOfMemory),
        ("malloc of size", OutOfMemory),
        ("401 Unauthorized", Unauthorized),
        ("authorization failed", Unauthorized),
        ("403 Forbidden", Forbidden),
        ("404 Not Found", NotFound),
        ("453 ", NoSessionLeft),
        ("matches no streams", NoVideo),
        ("Connection refused", ConnectionRefused),
        ("timed out", TimedOut),
        ("No route to host", NoRoute),
        ("Network is unreachable", NoRoute),
        ("Failed to resolve hostname", UnknownHost),
        ("Invalid data found", NotUnderstood),
    ];

    public static string Of(TcpConnectFailure failure) => failure switch
    {
        TcpConnectFailure.Refused => ConnectionRefused,
        TcpConnectFailure.TimedOut => TimedOut,
        TcpConnectFailure.NoRoute => NoRoute,
        _ => NoResources,
    };

    /// <param name="status">The RTSP status that ended the session, 0 for none.</param>
    public static string Of(RtspFailure failure, int status) => failure switch
    {
        RtspFailure.Unauthorized => Unauthorized,
        RtspFailure.TimedOut => NoAnswer,
        RtspFailure.ClosedByServer => ClosedByCamera,
        RtspFailure.NoSection => NoVideo,
        RtspFailure.Violation => NotUnderstood,
        RtspFailure.Redirected => Redirected,
        RtspFailure.Left => Stopped,
        _ => status switch
        {
            403 => Forbidden,
            404 => NotFound,
            453 => NoSessionLeft,
            _ => string.Create(CultureInfo.InvariantCulture, $"the camera answers {status}"),
        },
    };

    /// <summary>Reads the reason off what ffmpeg wrote last and how it ended; never holds credentials.</summary>
    /// <param name="exitCode">The exit code; 128 + signal when a signal ended it, -1 when it could not be started.</param>
    public static string Of(int exitCode, IReadOnlyList<string> errorLines)
    {
        foreach (var (mark, reason) in Marks)
        {
            for (var i = errorLines.Count - 1; i >= 0; i--)
            {
                if (errorLines[i].Contains(mark, StringComparison.OrdinalIgnoreCase))
                {
                    return reason;
                }
            }
        }

        return exitCode switch
        {
            -1 => CannotStart,
            0 => SourceEnded,
            > 128 and < 192 => Killed,
            _ when errorLines.Count > 0 => FeedUrl.Redact(errorLines[^1]),
            _ => string.Create(CultureInfo.InvariantCulture, $"ffmpeg ended with code {exitCode}"),
        };
    }
}
