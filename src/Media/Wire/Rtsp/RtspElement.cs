namespace Comms.Media.Wire.Rtsp;

/// <summary>What a reader found next on an RTSP connection.</summary>
public enum RtspElementKind
{
    /// <summary>More bytes are needed.</summary>
    None,

    /// <summary>A <c>$</c> frame, RFC 2326 §10.12.</summary>
    Interleaved,

    Message,

    /// <summary>The peer exceeds a bound or speaks something else: the connection is to be closed.</summary>
    Violation,
}

/// <summary>One element; its spans are valid until the next read.</summary>
public readonly ref struct RtspElement
{
    public RtspElementKind Kind { get; init; }

    /// <summary>The interleaved channel, 0 to 255.</summary>
    public byte Channel { get; init; }

    /// <summary>The interleaved frame's payload: one RTP or RTCP packet.</summary>
    public ReadOnlySpan<byte> Payload { get; init; }

    /// <summary>Set for <see cref="RtspElementKind.Message"/>.</summary>
    public RtspMessage? Message { get; init; }
}
