namespace Comms.Support;

/// <summary>
/// Session descriptions as others write them: the chromium ones were taken from Chromium 156 (its keys are thrown away), the phone's
/// follows the examples of RFC 3264 §10, the camera's the shape of common RTSP cameras.
/// </summary>
public static class SdpSamples
{
    /// <summary>One sendrecv and three recvonly audio sections.</summary>
    public static readonly string ChromiumPhone = Read("chromium-phone");

    /// <summary>One recvonly video section.</summary>
    public static readonly string ChromiumWhep = Read("chromium-whep");

    /// <summary>A recvonly video and a recvonly audio section.</summary>
    public static readonly string ChromiumWhepWithAudio = Read("chromium-whepaudio");
    public static readonly string SipPhone = Read("sip-phone");
    public static readonly string RtspCamera = Read("rtsp-camera");

    public static IReadOnlyList<string> All => [ChromiumPhone, ChromiumWhep, ChromiumWhepWithAudio, SipPhone, RtspCamera];

    private static string Read(string name)
    {
        using var stream = typeof(SdpSamples).Assembly.GetManifestResourceStream($"Comms.Support.Sdp.{name}.sdp")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\r\n");
    }
}
