using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Comms.Support;

/// <summary>
/// The real server as a child process on free ports with its own data folder. Start waits for its ready file; Restart
/// keeps the data folder and the ports; Kill is SIGKILL. Disposing ends the process and removes the folder.
/// </summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(50);

    private readonly Dictionary<string, string> _settings;
    private readonly IReadOnlyList<string> _flags;
    private readonly StringBuilder _output = new();
    private Process? _process;
    private volatile bool _hasSaidReady;

    private ServerProcess(string folder, Dictionary<string, string> settings, IReadOnlyList<string> flags) =>
        (Folder, _settings, _flags) = (folder, settings, flags);

    /// <summary>Removed at the end; the data folder is "data" in it.</summary>
    public string Folder { get; }

    public string DataFolder => Path.Combine(Folder, "data");

    private string ReadyFile => Path.Combine(DataFolder, "run", "ready.json");

    /// <summary>What ready.json says.</summary>
    public ServerReady Ready { get; private set; } = new();

    public int ProcessId => _process?.Id ?? 0;

    public Uri HttpUrl => new($"http://127.0.0.1:{Ready.HttpPort}/");

    public Uri HttpsUrl => new($"https://127.0.0.1:{Ready.HttpsPort}/");

    /// <summary>Everything written to stdout and stderr so far.</summary>
    public string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    /// <summary>Starts a server with the demo town. Settings are full keys ("Sip:Port" → "0"); ports are free ones unless set.</summary>
    public static async Task<ServerProcess> StartAsync(IReadOnlyDictionary<string, string>? settings = null, params string[] flags)
    {
        string folder = Directory.CreateTempSubdirectory("comms-test-").FullName;
        var all = new Dictionary<string, string>
        {
            ["Http:Port"] = "0",
            ["Http:HttpsPort"] = "0",
            ["Http:HttpsAddress"] = "127.0.0.1",
            ["Data:Path"] = Path.Combine(folder, "data"),
            ["Security:PasswordIterations"] = "1000",
            ["Sip:Listen"] = "127.0.0.1:0",
            ["Media:MediaPort"] = "0",
            ["Media:RtspPort"] = "0",
            ["Media:RtspAddress"] = "127.0.0.1",
            ["Demo:CameraCache"] = Path.Combine(Path.GetTempPath(), "comms-camera-simulator"),
        };
        foreach (var (key, value) in settings ?? new Dictionary<string, string>()) all[key] = value;
        var server = new ServerProcess(folder, all, flags);
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>Starts the process on the same data folder; after the first start also on the same HTTP ports.</summary>
    public async Task StartAgainAsync()
    {
        if (File.Exists(ReadyFile)) File.Delete(ReadyFile);
        _process = Launch();
        var waited = Stopwatch.StartNew();
        // What it prints at the start has been read whole by then: a test may look at what comes after it.
        while (!TryReadReady() || !_hasSaidReady)
        {
            if (_process.HasExited)
            {
                // Also waits for the last lines, which say why.
                await _process.WaitForExitAsync();
                throw new InvalidOperationException($"The server ended with code {_process.ExitCode}:\n{Output}");
            }

            if (waited.Elapsed > StartLimit) throw new TimeoutException($"The server is not ready after {StartLimit}:\n{Output}");
            await PollAsync();
        }

        _settings["Http:Port"] = $"{Ready.HttpPort}";
        _settings["Http:HttpsPort"] = $"{Ready.HttpsPort}";
    }

    /// <summary>SIGTERM and the wait for the end; returns the exit code.</summary>
    public async Task<int> StopAsync()
    {
        Process process = _process ?? throw new InvalidOperationException("The server was never started.");
        if (!process.HasExited) using (var kill = Process.Start("kill", ["-TERM", $"{process.Id}"])) await kill.WaitForExitAsync();
        using var limit = new CancellationTokenSource(StopLimit);
        await process.WaitForExitAsync(limit.Token);
        return process.ExitCode;
    }

    /// <summary>SIGKILL: what a crash or a power cut leaves behind.</summary>
    public async Task KillAsync()
    {
        if (_process is null) return;
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAgainAsync();
    }

    /// <summary>Password of a demo account, from the file that the first start writes.</summary>
    public string PasswordOf(string account)
    {
        foreach (string line in File.ReadLines(Path.Combine(DataFolder, "demo-logins.txt")))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length >= 2 && words[0] == account) return words[1];
        }

        throw new InvalidOperationException($"No demo account {account}.");
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false }) await KillAsync();
        _process?.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private Process Launch()
    {
        string program = Path.Combine(AppContext.BaseDirectory, "comms.dll");
        if (!File.Exists(program)) throw new InvalidOperationException($"{program} is missing: the test project must reference Comms.Signaling.");
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.ArgumentList.Add(program);
        foreach (string flag in _flags) start.ArgumentList.Add(flag);
        foreach (var (key, value) in _settings) start.ArgumentList.Add($"--{key}={value}");
        _hasSaidReady = false;
        Process process = Process.Start(start) ?? throw new InvalidOperationException("dotnet does not start.");
        process.OutputDataReceived += (_, line) => Append(line.Data);
        process.ErrorDataReceived += (_, line) => Append(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private void Append(string? line)
    {
        lock (_output) _output.AppendLine(line);
        if (line == "ready") _hasSaidReady = true;
    }

    private bool TryReadReady()
    {
        if (!File.Exists(ReadyFile)) return false;
        Ready = JsonSerializer.Deserialize<ServerReady>(File.ReadAllBytes(ReadyFile), JsonSerializerOptions.Web) ?? Ready;
        return Ready.Pid == ProcessId;
    }

    private static async Task PollAsync()
    {
        using var timer = new PeriodicTimer(PollEvery);
        await timer.WaitForNextTickAsync();
    }
}

/// <summary>The members of ready.json.</summary>
public sealed record ServerReady
{
    public int Pid { get; init; }

    public string Instance { get; init; } = "";

    public int HttpPort { get; init; }

    public int HttpsPort { get; init; }

    /// <summary>Other listeners by name: "sipUdp", "media", "rtsp".</summary>
    public IReadOnlyDictionary<string, int> Ports { get; init; } = new Dictionary<string, int>();

    public IReadOnlyList<string> Urls { get; init; } = [];
}
