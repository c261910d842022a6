namespace Comms.Media.Node;

/// <summary>Who hears and sees whom at one moment.</summary>
public sealed record MediaNodeSnapshot(
    IReadOnlyList<SessionSnapshot> Sessions,
    IReadOnlyList<ChannelSnapshot> Channels,
    IReadOnlyList<FeedSnapshot> Feeds,
    IReadOnlyDictionary<string, long> Drops);

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

/// <summary>One channel on this node: who talks and how many hear it.</summary>
public sealed record ChannelSnapshot(string Channel, string? TalkerSession, long? Burst, int Listeners, long PacketsForwarded);

/// <summary>One camera feed on this node.</summary>
public sealed record FeedSnapshot(
    string Camera,
    string State,
    string Reason,
    int Viewers,
    long PacketsReceived,
    int CachedBytes,
    int? RelayProcessId);
