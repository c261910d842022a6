using System.Diagnostics;
using System.Globalization;

namespace Comms.CameraSimulator;

/// <summary>What a clip is made of besides its number.</summary>
internal enum ClipKind
{
    /// <summary>Main profile without B-frames, as most cameras send.</summary>
    Plain,

    /// <summary>With two B-frames between references, which browsers cannot show in order.</summary>
    Reordered,

    /// <summary>H.265 without B-frames.</summary>
    H265,

    /// <summary>One key frame in the whole clip.</summary>
    LongGroup,

    /// <summary>The plain clip without its parameter sets, which are not in the description either.</summary>
    WithoutSets,

    /// <summary>The plain clip in fragments of up to 60 kB.</summary>
    LargePackets,
}

/// <summary>Encodes a clip with ffmpeg once and keeps it in a folder for the next start.</summary>
internal sealed class ClipEncoder(SimulatorOptions options) : IDisposable
{
    private const int GroupSeconds = 2;
    private const string FontFile = "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf";

    /// <summary>Raised when pictures change, so that an older cache is not used.</summary>
    private const int LayoutVersion = 2;

    private readonly SemaphoreSlim _running = new(Math.Max(1, Environment.ProcessorCount));

    /// <summary>The path of an H.264 byte stream (ITU-T H.264 annex B).</summary>
    public async Task<string> EncodeAsync(int number, ClipKind kind, CancellationToken cancellation)
    {
        Directory.CreateDirectory(options.ClipFolder);
        kind = kind is ClipKind.WithoutSets or ClipKind.LargePackets ? ClipKind.Plain : kind;
        var format = kind == ClipKind.H265 ? "h265" : "h264";
        var name = string.Create(CultureInfo.InvariantCulture, $"v{LayoutVersion}-{kind}-{number}-{options.ClipSeconds}s.{format}");
        var path = Path.Combine(options.ClipFolder, name);
        if (File.Exists(path))
        {
            return path;
        }

        await _running.WaitAsync(cancellation);
        try
        {
            var unfinished = $"{path}.{Environment.ProcessId}";
            await RunAsync(Arguments(number, kind, unfinished), cancellation);
            File.Move(unfinished, path, overwrite: true);
            return path;
        }
        finally
        {
            _running.Release();
        }
    }

    public void Dispose() => _running.Dispose();

    private List<string> Arguments(int number, ClipKind kind, string output)
    {
        var seconds = options.ClipSeconds.ToString(CultureInfo.InvariantCulture);
        var hue = (number * 47 % 360).ToString(CultureInfo.InvariantCulture);
        var video = $"testsrc2=s=640x360:r={options.FramesPerSecond}:d={seconds},hue=h={hue}:s=0.6";
        if (File.Exists(FontFile))
        {
            var style = $"fontfile={FontFile}:fontcolor=white:box=1:boxcolor=black@0.7:boxborderw=6";
            video += $",drawtext={style}:fontsize=40:x=(w-tw)/2:y=250:text='CAM {number:00}'";
            video += $",drawtext={style}:fontsize=28:x=(w-tw)/2:y=310:text='%{{pts\\:hms}}'";
        }

        var group = ((kind == ClipKind.LongGroup ? options.ClipSeconds : GroupSeconds) * options.FramesPerSecond).ToString(CultureInfo.InvariantCulture);
        var limit = string.Create(CultureInfo.InvariantCulture, $"{options.Kbps * 7 / 5}k");
        List<string> arguments =
        [
            "-hide_banner", "-nostdin", "-loglevel", "error", "-y", "-f", "lavfi", "-i", $"{video},{ColourCode.Filter(number)}",
            "-pix_fmt", "yuv420p", "-preset", "ultrafast", "-g", group, "-keyint_min", group, "-sc_threshold", "0",
            "-b:v", $"{options.Kbps}k", "-maxrate", limit, "-bufsize", limit, "-threads", "1", .. Codec(kind, group), output,
        ];
        return arguments;
    }

    private static string[] Codec(ClipKind kind, string group) => kind == ClipKind.H265
        ? ["-c:v", "libx265", "-x265-params", $"keyint={group}:min-keyint={group}:scenecut=0:bframes=0:open-gop=0:pools=1:frame-threads=1:log-level=error", "-f", "hevc"]
        :
        [
            "-c:v", "libx264", "-profile:v", kind == ClipKind.Reordered ? "high" : "main", "-bf", kind == ClipKind.Reordered ? "2" : "0",
            "-x264-params", "b-pyramid=none:b-adapt=0:open-gop=0", "-f", "h264",
        ];

    private static async Task RunAsync(List<string> arguments, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo("ffmpeg", arguments) { RedirectStandardError = true };
        using var process = Process.Start(start) ?? throw new InvalidOperationException("ffmpeg could not be started.");
        var errors = await process.StandardError.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"ffmpeg ended with {process.ExitCode}: {errors}");
        }
    }
}
