using System.Globalization;
using System.Net;
using Comms.Media.Wire.Rtsp;

namespace Comms.CameraSimulator;

/// <summary>What the command line may set.</summary>
internal sealed record SimulatorOptions
{
    public const string Usage =
        "camera-simulator [--cameras N] [--clips N] [--host ADDRESS] [--port P] [--user NAME --password WORD] [--cache FOLDER]"
        + " [--seconds S] [--fps F] [--kbps K] [--loops L] [--faults 1]";

    /// <summary>Far more than one machine carries.</summary>
    private const int MaxCameras = 100_000;

    private const int DefaultFramesPerSecond = 25;
    private const int DefaultKbps = 500;

    /// <summary>Cameras are /cam/1 to /cam/N.</summary>
    public int Cameras { get; init; } = 8;

    /// <summary>How many different clips are encoded; camera n shows clip ((n − 1) mod this) + 1.</summary>
    public int Clips { get; init; } = 8;

    public IPAddress Host { get; init; } = IPAddress.Loopback;

    /// <summary>0 takes a free port, which the ready line names.</summary>
    public int Port { get; init; } = 8554;

    public RtspCredentials? Credentials { get; init; }

    /// <summary>Where encoded clips stay for the next start.</summary>
    public string CacheFolder { get; init; } = Path.Combine(Path.GetTempPath(), "comms-camera-simulator");

    /// <summary>The length of a clip before it begins again.</summary>
    public int ClipSeconds { get; init; } = 20;

    public int FramesPerSecond { get; init; } = DefaultFramesPerSecond;

    /// <summary>Video bit rate of the clips.</summary>
    public int Kbps { get; init; } = DefaultKbps;

    /// <summary>Threads that serve clients.</summary>
    public int Loops { get; init; } = 1;

    /// <summary>The clips of unusual cameras are there too: H.265, one key frame only, no parameter sets, large packets.</summary>
    public bool HasFaults { get; init; }

    /// <summary>Clips of another rate lie beside the usual ones.</summary>
    public string ClipFolder => FramesPerSecond == DefaultFramesPerSecond && Kbps == DefaultKbps
        ? CacheFolder
        : Path.Combine(CacheFolder, string.Create(CultureInfo.InvariantCulture, $"{FramesPerSecond}fps-{Kbps}kbps"));

    /// <summary>Reads pairs of name and value. False: an unknown name or a value out of range.</summary>
    public static bool TryParse(string[] args, out SimulatorOptions options)
    {
        options = new SimulatorOptions();
        string? user = null;
        string? password = null;
        for (var i = 0; i + 1 < args.Length; i += 2)
        {
            var value = args[i + 1];
            var isNumber = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
            switch (args[i])
            {
                case "--cameras" when isNumber && number is > 0 and <= MaxCameras: options = options with { Cameras = number }; break;
                case "--clips" when isNumber && number is > 0 and <= ColourCode.MaxCamera: options = options with { Clips = number }; break;
                case "--port" when isNumber && number <= ushort.MaxValue: options = options with { Port = number }; break;
                case "--seconds" when isNumber && number is >= 2 and <= 120: options = options with { ClipSeconds = number }; break;
                case "--fps" when isNumber && number is > 0 and <= 60: options = options with { FramesPerSecond = number }; break;
                case "--kbps" when isNumber && number is >= 32 and <= 20_000: options = options with { Kbps = number }; break;
                case "--loops" when isNumber && number is > 0 and <= 16: options = options with { Loops = number }; break;
                case "--faults" when isNumber && number <= 1: options = options with { HasFaults = number == 1 }; break;
                case "--host" when IPAddress.TryParse(value, out var host): options = options with { Host = host }; break;
                case "--cache": options = options with { CacheFolder = value }; break;
                case "--user": user = value; break;
                case "--password": password = value; break;
                default: return false;
            }
        }

        options = options with { Credentials = user is null ? null : new RtspCredentials(user, password ?? "") };
        return args.Length % 2 == 0;
    }
}
