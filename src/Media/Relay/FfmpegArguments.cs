using System.Globalization;
using FFMpegCore;
using FFMpegCore.Enums;

namespace Comms.Media.Relay;

/// <summary>What a relay does with the source's video.</summary>
public enum RelayMode
{
    /// <summary>Our own connection takes H.264 without reordering as it is. RTSP over TCP only.</summary>
    Direct,

    /// <summary>ffmpeg copies H.264 without reordering as it is.</summary>
    Copy,

    /// <summary>ffmpeg makes anything else H.264 baseline with low delay.</summary>
    Transcode,

    /// <summary>Nothing is started: a stranger publishes to us.</summary>
    Published,
}

/// <summary>
/// Builds a relay's command line. Options come from FFMpegCore's builder and hold nothing that a user wrote; the two URLs
/// are put in as whole arguments of their own, so that nothing in them is ever parsed as an option.
/// </summary>
public static class FfmpegArguments
{
    private const string InputPlace = "INPUT";
    private const string OutputPlace = "OUTPUT";

    /// <summary>An answer must come within this; the byte watchdog is behind it.</summary>
    private const int SocketTimeoutUs = 5_000_000;

    private const int TranscodedGroupFrames = 50;

    /// <summary>The arguments behind the program's name, one element each.</summary>
    public static IReadOnlyList<string> Build(FeedUrl source, RelayMode mode, string ingestUrl, int transcodeThreads)
    {
        var text = FFMpegArguments
            .FromUrlInput(InputPlace, options => options.WithCustomArgument(InputOptions(source, mode, transcodeThreads)))
            .OutputToUrl(OutputPlace, options => OutputOptions(options, mode, transcodeThreads))
            .Arguments;
        List<string> arguments = ["-hide_banner", "-nostdin", "-loglevel", "error"];
        foreach (var part in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            arguments.Add(part.Trim('"') switch
            {
                InputPlace => source.Value,
                OutputPlace => ingestUrl,
                var option => option,
            });
        }

        return arguments;
    }

    /// <summary>
    /// An analysis of 1 µs ends with the first packets; 0 would mean ffmpeg's default, which waits for seven frames. Packets
    /// read meanwhile stay buffered ("nobuffer" would lose the first key frame, and a whole group with it).
    /// </summary>
    private static string InputOptions(FeedUrl source, RelayMode mode, int transcodeThreads)
    {
        var timeout = SocketTimeoutUs.ToString(CultureInfo.InvariantCulture);
        var decoder = mode == RelayMode.Transcode ? string.Create(CultureInfo.InvariantCulture, $" -threads {transcodeThreads}") : "";
        var common = $"-protocol_whitelist {ProtocolsOf(source.Scheme)} -flags low_delay{decoder}";
        return source.IsRtsp
            ? $"{common} -rtsp_flags prefer_tcp -timeout {timeout} -probesize 32768 -analyzeduration 1 -fpsprobesize 0"
            : $"{common} -rw_timeout {timeout} -probesize 1000000 -analyzeduration 1000000 -fpsprobesize 0";
    }

    /// <summary>What the demuxer may open on behalf of a source; never file, concat, pipe or data.</summary>
    private static string ProtocolsOf(string scheme) => scheme switch
    {
        "rtsp" => "rtsp,rtp,tcp,udp",
        "rtsps" => "rtsp,rtsps,rtp,srtp,tcp,udp,tls",
        "http" => "http,tcp,crypto",
        "https" => "http,https,tcp,tls,crypto",
        "rtmp" => "rtmp,tcp",
        "rtmps" => "rtmp,rtmps,tcp,tls",
        _ => "srt,udp",
    };

    private static void OutputOptions(FFMpegOutputOptions options, RelayMode mode, int transcodeThreads)
    {
        options.WithCustomArgument("-map 0:v:0").DisableAudio();
        if (mode == RelayMode.Copy)
        {
            options.CopyStreams(StreamType.Video);
        }
        else
        {
            options.WithCustomArgument("-c:v libx264 -preset ultrafast -tune zerolatency -profile:v baseline -pix_fmt yuv420p -sc_threshold 0")
                .WithGopSize(TranscodedGroupFrames)
                .WithCustomArgument(string.Create(CultureInfo.InvariantCulture, $"-threads {transcodeThreads}"));
        }

        options.WithCustomArgument("-f rtsp -rtsp_transport tcp -muxdelay 0");
    }
}
