namespace Comms.Media.Numbers;

/// <summary>One peer's media session on this node (WebRTC or plain RTP). Unique for the life of the process, never reused.</summary>
public readonly record struct SessionId(long Value)
{
    public override string ToString() => $"s{Value}";
}

/// <summary>One burst of talk, as carried in Floor Taken: the same id in the grain, the journal, the recording and the client.</summary>
public readonly record struct BurstId(long Value)
{
    public override string ToString() => $"b{Value}";
}
