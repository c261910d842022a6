namespace Comms.Media.Node;

/// <summary>Who hears and sees whom at one moment. <paramref name="Sessions"/> may be a part of the <paramref name="SessionCount"/> there are.</summary>
public sealed record MediaNodeSnapshot(
    int SessionCount,
    IReadOnlyList<SessionSnapshot> Sessions,
    IReadOnlyList<ChannelSnapshot> Channels,
    IReadOnlyList<FeedSnapshot> Feeds,
    IReadOnlyDictionary<string, long> Drops)
{
    /// <summary>Sessions of each loop that a snapshot shows unless more are asked for.</summary>
    public const int DefaultMaxSessions = 250;
}

/// <summary>One session. <paramref name="Kind"/> is "webrtc" or "rtp".</summary>
public sealed record SessionSnapshot(
    string Session,
    string Owner,
    string Kind,
    string State,
    int Loop,
    long PacketsReceived,
    long PacketsSent,
    IReadOnlyList<string> ListensTo,
    string? TalksIn);

/// <summary>
/// One channel on this node: who talks and how many hear it, in packets of <paramref name="FrameMs"/>.
/// <paramref name="EarlyFlushes"/> are packets that ended before they carried so much.
/// </summary>
public sealed record ChannelSnapshot(
    string Channel, string? TalkerSession, long? Burst, int Listeners, long PacketsForwarded, int FrameMs, long EarlyFlushes);

/// <summary>
/// One camera feed on this node. <paramref name="RelayErrors"/> are the last lines that its last ended ffmpeg wrote, without
/// credentials.
/// </summary>
public sealed record FeedSnapshot(
    string Camera,
    string State,
    string Reason,
    int Viewers,
    long PacketsReceived,
    int CachedBytes,
    int? RelayProcessId,
    IReadOnlyList<string> RelayErrors)
{
    /// <summary>What the source sends; null before its first picture.</summary>
    public FeedDescription? Description { get; init; }
}
