using System.Diagnostics;
using Comms.Bench.Load;

namespace Comms.Bench;

/// <summary>The camera simulator as a child process.</summary>
internal sealed class SimulatedCameras : IDisposable
{
    private readonly Process _process;
    private readonly string _firstUrl;

    private SimulatedCameras(Process process, string firstUrl, int count) => (_process, _firstUrl, Count) = (process, firstUrl, count);

    public int Count { get; }

    public static async Task<SimulatedCameras> StartAsync(int count, int clips, int kbps, int fps)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "camera-simulator.dll");
        string cache = Path.Combine(Path.GetTempPath(), "comms-camera-farm");
        string[] arguments =
            [program, "--port", "0", "--cameras", $"{count}", "--clips", $"{clips}", "--cache", cache, "--kbps", $"{kbps}", "--fps", $"{fps}"];
        var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })
            ?? throw new LoadFault("dotnet does not start.");
        string line = await process.StandardOutput.ReadLineAsync() ?? throw new LoadFault("The cameras ended.");
        return new SimulatedCameras(process, line.Split(' ')[1], count);
    }

    /// <summary>A camera by kind ("cam", "late") and number.</summary>
    public string Url(string kind, int number) => _firstUrl.Replace("/cam/1", $"/{kind}/{number}", StringComparison.Ordinal);

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
