using Comms.Media.Numbers;

namespace Comms.Media.Fanout;

/// <summary>What travels with a payload from one loop to another: of voice and of video, each using its own fields.</summary>
public readonly record struct FrameHeader
{
    /// <summary>The receiver's own word for what this is.</summary>
    public int Kind { get; init; }

    /// <summary>RTP timestamp in the stream's own clock (48 kHz Opus, 8 kHz G.711, 90 kHz video).</summary>
    public uint Timestamp { get; init; }

    public bool Marker { get; init; }

    /// <summary>The talker's RTP sequence number (voice), so that order and gaps survive.</summary>
    public ushort Sequence { get; init; }

    /// <summary>The burst of voice, or the feed's own packet number of video.</summary>
    public long Number { get; init; }

    /// <summary>The channel's floor epoch (voice).</summary>
    public long Epoch { get; init; }

    /// <summary>Who spoke: that session does not hear itself.</summary>
    public SessionId Source { get; init; }

    /// <summary>When the first packet carrying this frame arrived here.</summary>
    public Instant Captured { get; init; }

    /// <summary>The channel's frame-duration class (Opus): what packets towards listeners shall carry, 20 to 120 ms.</summary>
    public int FrameMs { get; init; }

    /// <summary>Audio in the packet, in 48 kHz ticks; set when the packet is placed on the channel's line (Opus).</summary>
    public int Ticks { get; init; }
}

/// <summary>Takes frames that another loop sent, on its own loop.</summary>
public interface IFrameReceiver
{
    /// <summary>The payload is valid during the call only.</summary>
    void OnFrame(in FrameHeader header, ReadOnlySpan<byte> payload, Instant now);
}

/// <summary>Carries frames from its own loop to others, without allocation and without waiting.</summary>
public interface IFrameCarrier
{
    /// <summary>The loop that this carrier belongs to; only there may <see cref="TryCarry"/> be called.</summary>
    int Loop { get; }

    int LoopCount { get; }

    /// <summary>
    /// Copies the frame into the ring towards another loop. False: the ring is full or the payload exceeds
    /// <see cref="FrameLimits.MaxPayloadBytes"/>; the frame is dropped for that loop and counted by the caller.
    /// </summary>
    bool TryCarry(int toLoop, IFrameReceiver receiver, in FrameHeader header, ReadOnlySpan<byte> payload);
}

/// <summary>Bounds of carried frames.</summary>
public static class FrameLimits
{
    /// <summary>One RTP payload: what fits an unfragmented datagram with RTP header and SRTP tag.</summary>
    public const int MaxPayloadBytes = 1_280;
}
