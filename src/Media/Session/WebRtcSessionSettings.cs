namespace Comms.Media.Session;

/// <summary>Times of a WebRTC session.</summary>
/// <param name="TimeoutMs">The session ends this long after its last valid Binding request.</param>
/// <param name="HandshakeMs">The session ends when DTLS is not done this long after the first one.</param>
/// <param name="ReportMs">Between RTCP reports of a session with video; none is sent while nothing is sent or received.</param>
/// <param name="AudioReportMs">The same without video: no picture waits for them, and there may be 20,000 such sessions.</param>
public sealed record WebRtcSessionSettings(int TimeoutMs = 30_000, int HandshakeMs = 30_000, int ReportMs = 4_000, int AudioReportMs = 10_000);

/// <summary>Where a WebRTC session stands.</summary>
public enum WebRtcSessionState
{
    /// <summary>No valid Binding request has come.</summary>
    Checking,
    Handshaking,
    Connected,
    Ended,
}

/// <summary>What a session's RTCP asks for, on the session's loop.</summary>
public interface IFeedbackSink
{
    void OnKeyFrameWanted(Numbers.Instant now);

    void OnVideoMissed(ushort sequenceNumber, Numbers.Instant now);

    void OnVoiceMissed(int slot, ushort sequenceNumber, Numbers.Instant now);
}
