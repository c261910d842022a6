using Comms.Media.Numbers;
using Comms.Media.Wire.Rtsp;

namespace Comms.Media.Relay;

/// <summary>A connection to our RTSP server publishes, or plays what was published or pulled: its first path says which.</summary>
internal sealed class FeedServerRole(RtspIngest ingest, RtspPlayback playback) : IRtspServerRole
{
    public const string PlayPath = "/play/";

    private IRtspServerRole? _role;

    public string Methods => "ANNOUNCE, DESCRIBE, SETUP, RECORD, PLAY, PAUSE, TEARDOWN";

    public RtspMessage? HandleRequest(RtspMessage request, Instant now)
    {
        _role ??= RtspPlayback.PathOf(request.Uri).StartsWith(PlayPath, StringComparison.Ordinal) ? playback : ingest;
        return _role.HandleRequest(request, now);
    }

    public void HandleInterleaved(byte channel, ReadOnlySpan<byte> packet, Instant now) => _role?.HandleInterleaved(channel, packet, now);

    public void HandleEnd(string reason, Instant now)
    {
        playback.HandleEnd(reason, now);
        ingest.HandleEnd(reason, now);
    }
}
