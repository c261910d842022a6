using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Net;

namespace Comms.Media.Node;

/// <summary>Section "Media": ports, addresses and bounds of the media node.</summary>
public sealed record MediaOptions
{
    /// <summary>UDP port of every browser session; 0 takes a free one for each address.</summary>
    [Range(0, 65535)]
    public int MediaPort { get; init; } = 8500;

    /// <summary>TCP port on which other programs play cameras and publish to them by RTSP, with tokens; 0 takes a free one, -1 closes it.</summary>
    [Range(-1, 65535)]
    public int RtspPort { get; init; } = 8554;

    /// <summary>The local address of that port; 0.0.0.0 is every IPv4 address.</summary>
    public string RtspAddress { get; init; } = "0.0.0.0";

    /// <summary>Media loops, each one thread; 0 is one for each processor.</summary>
    [Range(0, 64)]
    public int Loops { get; init; }

    /// <summary>First port of plain-RTP legs (SIP); each leg takes an even port and the next.</summary>
    [Range(1024, 65534)]
    public int RtpPortMin { get; init; } = 20_000;

    /// <summary>Last port of plain-RTP legs.</summary>
    [Range(1025, 65535)]
    public int RtpPortMax { get; init; } = 20_999;

    /// <summary>Addresses written into SDP instead of the local ones, separated by commas: those in front of a one-to-one NAT.</summary>
    public string PublicAddresses { get; init; } = "";

    /// <summary>Local addresses to bind, separated by commas; empty binds every address of the machine.</summary>
    public string BindAddresses { get; init; } = "";

    /// <summary>Loopback addresses are candidates too: for tests and for a browser on the same machine.</summary>
    public bool AllowLoopbackCandidates { get; init; } = true;

    /// <summary>Sessions at once, browsers and legs together; further ones are refused.</summary>
    [Range(1, 1_000_000)]
    public int MaxSessions { get; init; } = 25_000;

    /// <summary>A browser session ends this long after its last valid Binding request, in milliseconds.</summary>
    [Range(1_000, 600_000)]
    public int SessionTimeoutMs { get; init; } = 30_000;

    /// <summary>An open gate shuts when its browser sends no speech this long, in milliseconds.</summary>
    [Range(200, 60_000)]
    public int TalkerSilenceMs { get; init; } = 2_000;

    /// <summary>The same for plain-RTP legs, whose gateways may pause between words.</summary>
    [Range(200, 60_000)]
    public int LegTalkerSilenceMs { get; init; } = 4_000;

    /// <summary>
    /// A plain-RTP leg ends after hearing neither RTP nor RTCP this long, in milliseconds; 0 never ends it. Long, because a radio
    /// gateway that only listens may send nothing at all.
    /// </summary>
    [Range(0, 86_400_000)]
    public int LegTimeoutMs { get; init; } = 600_000;

    /// <summary>Largest Opus packet of a talker, in bytes: one client must not make every listener receive a flood.</summary>
    [Range(100, 1_275)]
    public int MaxTalkPacketBytes { get; init; } = 640;

    /// <summary>
    /// Audio in each packet towards browsers, in milliseconds: 20, 40, 60, 80, 100 or 120, merged without decoding. auto follows each
    /// channel's size and the node's load. More saves packets and adds delay.
    /// </summary>
    public string FrameMs { get; init; } = "auto";

    /// <summary>Kernel receive buffer of each media socket, in bytes; the system's rmem_max limits it.</summary>
    [Range(0, 1 << 30)]
    public int ReceiveBufferBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Kernel send buffer of each media socket, in bytes; the system's wmem_max limits it.</summary>
    [Range(0, 1 << 30)]
    public int SendBufferBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Frames waiting from one loop to another before they are dropped; rounded up to a power of two.</summary>
    [Range(16, 65_536)]
    public int LoopRingFrames { get; init; } = 1_024;

    /// <summary>Events waiting for signaling before the oldest is dropped.</summary>
    [Range(64, 1_000_000)]
    public int EventQueue { get; init; } = 65_536;

    /// <summary>The ffmpeg program of camera relays.</summary>
    public string FfmpegPath { get; init; } = "ffmpeg";

    /// <summary>
    /// Cached pictures of one camera, in KiB: what a new viewer begins with and what lost packets are sent again from. Two seconds at
    /// 8 Mbit/s are 2,000; a camera whose group of pictures is larger makes its new viewers wait for the next key frame.
    /// </summary>
    [Range(64, 65_536)]
    public int CameraCacheKb { get; init; } = 4_096;

    /// <summary>Cached pictures of all cameras together, in MiB; when it is full, cameras give up their own oldest ones.</summary>
    [Range(16, 1_048_576)]
    public int VideoCacheMb { get; init; } = 1_024;

    /// <summary>RTSP cameras with H.264 or H.265 are pulled by the server itself; false leaves every camera to ffmpeg.</summary>
    public bool DirectRtsp { get; init; } = true;

    /// <summary>New connections per second to the cameras of one site, so that a site comes back without a storm.</summary>
    [Range(1, 10_000)]
    public int SiteConnectsPerSecond { get; init; } = 200;

    /// <summary>
    /// Address space of one relay's ffmpeg in MiB; 0 for no limit. Some 350 are its libraries; a relay that needs more ends with
    /// that reason and is tried again more and more seldom.
    /// </summary>
    [Range(0, 1_048_576)]
    public int RelayMemoryMb { get; init; } = 2_048;

    /// <summary>
    /// Niceness of the media loops, where the system allows it (root, or LimitNICE of the service): below 0 voice goes before
    /// everything else when processors are short. 0 leaves it as it is.
    /// </summary>
    [Range(-20, 0)]
    public int LoopNiceness { get; init; } = -3;

    /// <summary>Added to the niceness of relays' ffmpeg processes, so that voice goes first when processors are short.</summary>
    [Range(0, 19)]
    public int RelayNiceness { get; init; } = 5;

    /// <summary>Threads of decoder and encoder of a relay that must convert its camera to H.264.</summary>
    [Range(1, 64)]
    public int TranscodeThreads { get; init; } = 2;

    /// <summary>The forced class; null when it is automatic.</summary>
    internal int? ForcedFrameMs => FrameMs == "auto" ? null : int.Parse(FrameMs, CultureInfo.InvariantCulture);

    internal IReadOnlyList<IPAddress> PublicAddressList => Parse(PublicAddresses);

    internal IReadOnlyList<IPAddress> BindAddressList => Parse(BindAddresses);

    /// <summary>What is wrong with these options beyond the ranges; empty when nothing is.</summary>
    public IEnumerable<string> Validate()
    {
        if (RtpPortMax <= RtpPortMin) yield return "RtpPortMax must be above RtpPortMin";
        if (FrameMs is not ("auto" or "20" or "40" or "60" or "80" or "100" or "120")) yield return $"FrameMs is auto, 20, 40, 60, 80, 100 or 120, not \"{FrameMs}\"";
        if (!IPAddress.TryParse(RtspAddress, out _)) yield return $"\"{RtspAddress}\" is not an IP address";
        foreach (string text in Split(PublicAddresses).Concat(Split(BindAddresses)))
        {
            if (!IPAddress.TryParse(text, out _)) yield return $"\"{text}\" is not an IP address";
        }
    }

    private static IReadOnlyList<IPAddress> Parse(string text) => [.. Split(text).Select(IPAddress.Parse)];

    private static string[] Split(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
