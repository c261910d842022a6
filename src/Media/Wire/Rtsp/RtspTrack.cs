namespace Comms.Media.Wire.Rtsp;

/// <summary>The sections of a description that a client pulls; -1 for none.</summary>
public readonly record struct RtspSections(int Video, int Audio = -1);

/// <summary>One section that a client session sets up: the URIs by which to try, and where its packets come in.</summary>
internal sealed class RtspTrack(IReadOnlyList<string> uris)
{
    private int _uri;

    public string Uri => uris[_uri];

    /// <summary>The RTP channel; -1 until set up, and with datagrams.</summary>
    public int RtpChannel { get; set; } = -1;

    public int RtcpChannel { get; set; } = -1;

    /// <summary>The server does not know the URI: the next way to read its control attribute.</summary>
    public bool TryNextUri()
    {
        if (_uri + 1 >= uris.Count)
        {
            return false;
        }

        _uri++;
        return true;
    }
}
