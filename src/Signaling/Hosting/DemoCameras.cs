using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Comms.Signaling.Hosting;

/// <summary>
/// Runs the demo cameras' simulator as a child: started with the server, started again when it ends, ended with the server
/// even when that is killed. A thread of its own starts it, because the kernel's parent-death signal follows that thread.
/// </summary>
public sealed partial class DemoCameras(DemoOptions options, DataFolder folder, ILogger<DemoCameras> log) : IHostedService, IDisposable
{
    private const string ParentDeathSignal = "/usr/bin/setpriv";

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly TaskCompletionSource<int> _port = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _stopping = new();
    private readonly Lock _lock = new();
    private Process? _process;

    private string Cache => options.CameraCache.Length > 0 ? Path.GetFullPath(options.CameraCache) : folder.ClipCache;

    private bool IsUsed => options.Enabled && options.CameraSimulator.Length > 0;

    /// <summary>Where the simulator serves its cameras; a free port is known once the simulator has said which.</summary>
    public async Task<string> BaseUrlAsync(CancellationToken stop)
    {
        int port = IsUsed && options.CameraPort == 0 ? await _port.Task.WaitAsync(stop) : options.CameraPort;
        return $"rtsp://127.0.0.1:{port}/cam";
    }

    /// <summary>The simulator's port once known, else the configured one.</summary>
    public int Port => _port.Task.IsCompletedSuccessfully ? _port.Task.Result : options.CameraPort;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!IsUsed) return Task.CompletedTask;
        if (!File.Exists(options.CameraSimulator)) throw new StartException($"Demo:CameraSimulator: {options.CameraSimulator} does not exist.");
        new Thread(Supervise) { IsBackground = true, Name = "demo cameras" }.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _stopping.Set();
        lock (_lock)
        {
            if (_process is { HasExited: false }) _process.Kill(entireProcessTree: true);
        }

        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _process?.Dispose();
    }

    private void Supervise()
    {
        TimeSpan pause = FirstPause;
        while (!_stopping.IsSet)
        {
            var ran = Stopwatch.StartNew();
            RunOnce();
            if (_stopping.IsSet) return;
            pause = ran.Elapsed > LongestPause ? FirstPause : TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));
            Ended(pause.TotalSeconds);
            if (_stopping.Wait(pause)) return;
        }
    }

    private void RunOnce()
    {
        Process process;
        lock (_lock)
        {
            if (_stopping.IsSet) return;
            _process?.Dispose();
            _process = process = Process.Start(StartInfo()) ?? throw new InvalidOperationException("The camera simulator does not start.");
        }

        process.ErrorDataReceived += (_, line) => Said(line.Data);
        process.BeginErrorReadLine();
        while (process.StandardOutput.ReadLine() is { } line) ReadLine(line);
        process.WaitForExit();
    }

    /// <summary>A restarted simulator takes the port it had, since the cameras' sources name it.</summary>
    private ProcessStartInfo StartInfo()
    {
        bool isManaged = options.CameraSimulator.EndsWith(".dll", StringComparison.Ordinal);
        string[] program = isManaged ? ["dotnet", options.CameraSimulator] : [options.CameraSimulator];
        string[] guard = File.Exists(ParentDeathSignal) ? [ParentDeathSignal, "--pdeathsig", "KILL", "--"] : [];
        string[] arguments = ["--cameras", $"{DemoTown.Cameras.Count}", "--host", "127.0.0.1", "--port", $"{Port}", "--cache", Cache];
        string[] all = [.. guard, .. program, .. arguments];
        return new ProcessStartInfo(all[0], all[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
    }

    private void ReadLine(string line)
    {
        Said(line);
        Match ready = ReadyLine().Match(line);
        if (ready.Success) _port.TrySetResult(int.Parse(ready.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture));
    }

    private void Said(string? line)
    {
        if (!string.IsNullOrEmpty(line)) Line(line);
    }

    /// <summary>"ready … rtsp://127.0.0.1:PORT/…"</summary>
    [GeneratedRegex(@"^ready\b.*?:(\d{1,5})\b")]
    private static partial Regex ReadyLine();

    [LoggerMessage(2001, LogLevel.Warning, "The demo cameras ended; they start again in {PauseSeconds} s")]
    private partial void Ended(double pauseSeconds);

    [LoggerMessage(2002, LogLevel.Debug, "Demo cameras: {Line}")]
    private partial void Line(string line);
}
