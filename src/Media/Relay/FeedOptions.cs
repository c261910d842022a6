using System.Net;
using Comms.Media.Fanout;
using Comms.Media.Io;

namespace Comms.Media.Relay;

/// <summary>Settings of a node's feeds.</summary>
public sealed record FeedOptions
{
    /// <summary>Where publishers reach the ingest server. Each loop listens; a fixed port counts up by loop, 0 takes free ones.</summary>
    public IPEndPoint IngestEndPoint { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>The ffmpeg program, looked up in PATH when it is a bare name.</summary>
    public string FfmpegPath { get; init; } = "ffmpeg";

    /// <summary>rtsp:// sources are pulled by connections of our own; ffmpeg takes what these cannot. False: ffmpeg takes all.</summary>
    public bool UsesDirectRtsp { get; init; } = true;

    /// <summary>New connections per second to the cameras of one site, all loops together: a site comes back without a storm.</summary>
    public int ConnectsPerSecondPerSite { get; init; } = 200;

    public FfmpegLimits Limits { get; init; } = new();

    /// <summary>Cached video of all feeds together on one loop, bytes.</summary>
    public long CacheBytesPerLoop { get; init; } = 512L << 20;

    public VideoStoreLimits Store { get; init; } = new();
}
