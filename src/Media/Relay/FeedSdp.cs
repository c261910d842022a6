using System.Globalization;
using Comms.Media.Numbers;
using Comms.Media.Wire.Rtsp;

namespace Comms.Media.Relay;

/// <summary>Session descriptions of feeds: what is read off a source's, and what is written for those who pull from us.</summary>
internal static class FeedSdp
{
    /// <summary>Null: a codec that cannot be passed on.</summary>
    public static VideoCodec? CodecOf(RtspSdpMedia media) => media.Encoding switch
    {
        "H264" => VideoCodec.H264,
        "H265" or "HEVC" => VideoCodec.H265,
        _ => null,
    };

    /// <summary>The first video section that can be passed on; -1: none.</summary>
    public static int FirstVideo(IReadOnlyList<RtspSdpMedia> media) => First(media, "video", section => CodecOf(section) is not null);

    public static int FirstAudio(IReadOnlyList<RtspSdpMedia> media) => First(media, "audio", section => AudioOf(section) is not null);

    /// <summary>Null: a codec that browsers do not play by WebRTC.</summary>
    public static AudioCodec? AudioOf(RtspSdpMedia media) => media.Encoding switch
    {
        "PCMU" => AudioCodec.Pcmu,
        "PCMA" => AudioCodec.Pcma,
        "OPUS" => AudioCodec.Opus,
        _ => null,
    };

    private static int First(IReadOnlyList<RtspSdpMedia> media, string kind, Func<RtspSdpMedia, bool> isWanted)
    {
        for (var i = 0; i < media.Count; i++)
        {
            if (media[i].Kind == kind && isWanted(media[i]))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>The out-of-band parameter sets, RFC 6184 §8.1 and RFC 7798 §7.1.</summary>
    public static string? ParameterSetsOf(RtspSdpMedia media, VideoCodec codec) => codec == VideoCodec.H264
        ? media.FormatParameter("sprop-parameter-sets")
        : $"{media.FormatParameter("sprop-vps")},{media.FormatParameter("sprop-sps")},{media.FormatParameter("sprop-pps")}";

    public static string Write(VideoCodec codec, string parameterSets) => string.Create(
        CultureInfo.InvariantCulture,
        $"v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=feed\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\na=control:*\r\nm=video 0 RTP/AVP {FeedPlayer.PayloadType}\r\n"
        + $"a=rtpmap:{FeedPlayer.PayloadType} {codec.ToString().ToUpperInvariant()}/90000\r\na=fmtp:{FeedPlayer.PayloadType} {Format(codec, parameterSets)}\r\na=control:track0\r\n");

    private static string Format(VideoCodec codec, string parameterSets)
    {
        if (codec == VideoCodec.H264)
        {
            return parameterSets.Length == 0 ? "packetization-mode=1" : $"packetization-mode=1;sprop-parameter-sets={parameterSets}";
        }

        var sets = parameterSets.Split(',');
        return sets.Length < 3 ? "tx-mode=SRST" : $"sprop-vps={sets[0]};sprop-sps={sets[1]};sprop-pps={sets[2]}";
    }
}
