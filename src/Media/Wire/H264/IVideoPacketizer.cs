namespace Comms.Media.Wire.H264;

/// <summary>Cuts one access unit into RTP payloads, one call each.</summary>
public interface IVideoPacketizer
{
    /// <summary>False when every payload was written.</summary>
    bool HasMore { get; }

    /// <summary>Writes the next payload and returns its length.</summary>
    int WriteNext(Span<byte> payload);
}
