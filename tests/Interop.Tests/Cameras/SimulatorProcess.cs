using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Xunit;

namespace Comms.Interop.Tests.Cameras;

/// <summary>A camera simulator on a free port, in a process of its own, for as long as a test class runs.</summary>
public sealed partial class SimulatorProcess : IAsyncLifetime
{
    public const string User = "admin";
    public const string Password = "p4ss-w0rd";

    private Process? _open;
    private Process? _guarded;

    /// <summary>rtsp://127.0.0.1:port of cameras that let everyone in.</summary>
    public string Url { get; private set; } = "";

    /// <summary>host:port of cameras that ask for <see cref="User"/> and <see cref="Password"/>.</summary>
    public string GuardedAuthority { get; private set; } = "";

    /// <summary>Where the byte streams lie that the cameras play.</summary>
    public static string ClipFolder { get; } = Path.Combine(Path.GetTempPath(), "comms-camera-simulator");

    public async Task InitializeAsync()
    {
        (_open, var port) = await StartAsync();
        Url = $"rtsp://127.0.0.1:{port}";
        (_guarded, port) = await StartAsync("--user", User, "--password", Password);
        GuardedAuthority = $"127.0.0.1:{port}";
    }

    public async Task DisposeAsync()
    {
        foreach (var process in new[] { _open, _guarded })
        {
            process?.Kill();
            await (process?.WaitForExitAsync() ?? Task.CompletedTask);
            process?.Dispose();
        }
    }

    private static async Task<(Process Process, int Port)> StartAsync(params string[] more)
    {
        string[] arguments =
        [
            Path.Combine(AppContext.BaseDirectory, "camera-simulator.dll"),
            "--port", "0", "--cameras", "3", "--clips", "3", "--faults", "1", "--cache", ClipFolder, .. more,
        ];
        var process = ChildProcesses.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true });
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        while (await process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            if (Ready().Match(line) is { Success: true } match)
            {
                return (process, int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture));
            }
        }

        throw new InvalidOperationException("The simulator ended.");
    }

    [GeneratedRegex(@"^ready rtsp://127\.0\.0\.1:(\d+)/")]
    private static partial Regex Ready();
}
