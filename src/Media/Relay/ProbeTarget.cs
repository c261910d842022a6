using Comms.Media.Wire.Rtsp;

namespace Comms.Media.Relay;

/// <summary>Where a camera is asked for a sign of life, and how: by an OPTIONS request, or by a mere connection.</summary>
internal sealed record ProbeTarget(string Host, ushort Port, string? OptionsUri)
{
    private static readonly Dictionary<string, ushort> DefaultPorts = new(StringComparer.Ordinal)
    {
        ["rtsps"] = 322, ["http"] = 80, ["https"] = 443, ["rtmp"] = 1935, ["rtmps"] = 443,
    };

    /// <summary>False for what is not reached over TCP: SRT.</summary>
    public static bool TryParse(FeedUrl url, out ProbeTarget target)
    {
        target = null!;
        if (url.Scheme == "rtsp" && RtspTarget.TryParse(url.Value, out var rtsp))
        {
            target = new ProbeTarget(rtsp.Host, rtsp.Port, rtsp.Uri);
        }
        else if (DefaultPorts.TryGetValue(url.Scheme, out var port) && Uri.TryCreate(url.Value, UriKind.Absolute, out var uri))
        {
            target = new ProbeTarget(uri.Host.Trim('[', ']'), uri.Port > 0 ? (ushort)uri.Port : port, null);
        }

        return target is not null;
    }
}
