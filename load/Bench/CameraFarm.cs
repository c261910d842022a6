using System.Diagnostics;
using System.Globalization;
using Comms.Media.Node;
using Comms.Media.Relay;

namespace Comms.Bench;

/// <summary>The camera simulator as a child process: camera n has the address 127.64.0.0 + n and is one of 500 at its site.</summary>
internal sealed class CameraFarm : IDisposable
{
    public const int Clips = 8;

    private const int CamerasPerSite = 500;

    private readonly string[] _arguments;
    private readonly string _folder;
    private Process? _process;
    private TimeSpan _formerTime;
    private int _port;

    private CameraFarm(string[] arguments, string folder) => (_arguments, _folder) = (arguments, folder);

    /// <summary>Of all its processes so far.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            _process?.Refresh();
            return _formerTime + (_process?.TotalProcessorTime ?? TimeSpan.Zero);
        }
    }

    public static async Task<CameraFarm> StartAsync(int count, int kbps, int fps)
    {
        string cache = Path.Combine(Path.GetTempPath(), "comms-camera-farm");
        string[] arguments =
        [
            Path.Combine(AppContext.BaseDirectory, "camera-simulator.dll"), "--host", "0.0.0.0", "--cameras", $"{count}", "--clips", $"{Clips}",
            "--cache", cache, "--kbps", $"{kbps}", "--fps", $"{fps}",
        ];
        var farm = new CameraFarm(arguments, fps == 25 && kbps == 500 ? cache : Path.Combine(cache, $"{fps}fps-{kbps}kbps"));
        await farm.StartAsync();
        return farm;
    }

    /// <param name="site">All cameras at that one site instead of 500 at each.</param>
    public FeedSource SourceOf(int camera, string? site = null) => new() { Url = UrlOf(camera), Site = site ?? $"site {camera / CamerasPerSite}" };

    public string UrlOf(int camera) =>
        string.Create(CultureInfo.InvariantCulture, $"rtsp://127.{64 + (camera >> 16)}.{(camera >> 8) & 255}.{camera & 255}:{_port}/cam/{camera}");

    public string ClipPath(int number) => Directory.GetFiles(_folder, $"*-Plain-{number}-*.h264").Single();

    /// <summary>Every camera is gone at once, as when the switch they hang on loses power.</summary>
    public void Stop()
    {
        _formerTime = CpuTime;
        _process!.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Starts, or comes back at the same port.</summary>
    public async Task StartAsync()
    {
        _process = Process.Start(new ProcessStartInfo("dotnet", [.. _arguments, "--port", $"{_port}"]) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("dotnet does not start.");
        string line = await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The farm ended.");
        _port = new Uri(line.Split(' ')[1]).Port;
    }

    public void Dispose()
    {
        if (_process is not null) Stop();
    }
}
