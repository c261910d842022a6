using System.Diagnostics;
using System.Text;

namespace Comms.Interop.Tests.Audio;

/// <summary>A stranger's program (ffmpeg, GStreamer) taking part in one test; its last words are shown when it fails.</summary>
internal sealed class StrangerProcess : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _output = new();

    public StrangerProcess(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true };
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        _process.ErrorDataReceived += Note;
        _process.OutputDataReceived += Note;
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
    }

    public bool HasExited => _process.HasExited;

    public string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    /// <summary>Waits until the program has bound a UDP port on any local address.</summary>
    public async Task WaitForUdpPortAsync(int port)
    {
        string row = $":{port:X4} ";
        using var limit = new CancellationTokenSource(Limit);
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!(await File.ReadAllTextAsync("/proc/net/udp", limit.Token)).Contains(row, StringComparison.Ordinal))
        {
            if (_process.HasExited) throw new InvalidOperationException($"The program ended: {Output}");
            await ticks.WaitForNextTickAsync(limit.Token);
        }
    }

    public async Task WaitForExitAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        await _process.WaitForExitAsync(limit.Token);
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }

    private void Note(object sender, DataReceivedEventArgs line)
    {
        lock (_output) _output.AppendLine(line.Data);
    }
}
